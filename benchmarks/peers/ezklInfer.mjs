/**
 * EZKL and we on one ONNX file and one input: the model and the input hidden, the outputs public. Each as its user runs it: our key
 * is made inside `proveInference`, EZKL's by its `setup`. EZKL hides the weights without a commitment; ours are committed to.
 * Reference strings are made before and in no figure: ours is the Ignition ceremony's.
 *
 *   PYTHON=... node peers/ezklInfer.mjs '[784,128,10]' 16 native
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { cacheDir, makeFolder } from '@proof-of-training/halo2-wasm/node';
import {
  commitModel,
  memoryUses,
  proveInference,
  readOnnx,
  verifyInference,
} from '@proof-of-training/inference/node';
import { loadEngine } from '../engine.mjs';
import { ezklStep, ezklVersion, runPython } from './ezklPython.mjs';

const [widths, logrows, engine] = process.argv.slice(2).map((v, i) => (i < 2 ? JSON.parse(v) : v));
console.log(JSON.stringify(await measure()));

async function measure() {
  const version = await ezklVersion();
  const folder = await mkdtemp(join(tmpdir(), 'pot-ezkl-'));
  try {
    await runPython('mlp.py', folder, ...widths);
    const expected = await json(join(folder, 'expected.json'));
    const ours = await prove(folder, expected);
    const theirs = await ezkl(folder, expected);
    return { version, ours, theirs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** 7 fractional bits, in two columns; everything else is EZKL's default. */
async function ezkl(folder, expected) {
  const strings = join(cacheDir(), 'ezkl');
  makeFolder(strings);
  const srs = join(strings, `insecure-${logrows}.srs`);
  const step = (command, ...args) => ezklStep(command, folder, srs, ...args);
  const scales = { input_scale: 7, param_scale: 7, decomp_base: 16384, decomp_legs: 2, num_inner_cols: 2 };
  const visible = { input_visibility: 'private', output_visibility: 'public', param_visibility: 'private' };
  const { rows } = await step('settings', JSON.stringify({ ...scales, ...visible, logrows }));
  await step('compile');
  if (!existsSync(srs)) await step('srs');
  const setup = await step('setup');
  const witness = await step('witness');
  const proof = await step('prove');
  const verified = await step('verify');
  if (!verified.ok) throw new PotError('PEER_FAILED', 'EZKL does not verify its own proof');
  const said = (await json(join(folder, 'witness.json'))).pretty_elements.rescaled_outputs.flat().map(Number);
  return {
    rows,
    keygenMs: setup.ms,
    provingMs: witness.ms + proof.ms,
    wholeMs: setup.ms + witness.ms + proof.ms,
    wholeCpuMs: setup.cpuMs + witness.cpuMs + proof.cpuMs,
    verifyingMs: verified.ms,
    proofBytes: proof.proofBytes,
    keyBytes: (await stat(join(folder, 'pk'))).size,
    peakBytes: Math.max(setup.peakBytes, proof.peakBytes),
    largestError: largestError(said, expected),
  };
}

async function prove(folder, expected) {
  const model = readOnnx(await readFile(join(folder, 'network.onnx')));
  const [inputs] = (await json(join(folder, 'input.json'))).input_data;
  await loadEngine(engine);
  const options = { engine: engine === 'native' ? 'native' : 'wasm' };
  const committing = await timed(() =>
    commitModel({ ...options, model, inputRange: [0, 1], samples: 1, profile: 'compact' }),
  );
  const opening = committing.value;
  // Without a cache: the key is made in the time of the proof.
  const whole = await timed(() => proveInference({ ...options, opening, inputs, uses: memoryUses() }));
  const { proof, outputs } = whole.value;
  const check = () => verifyInference(proof, options);
  const verified = await timed(check);
  if (!verified.value.ok) throw new PotError('BENCH_FAILED', 'our proof is not verified');
  return {
    k: opening.srs.k,
    commitMs: committing.ms,
    wholeMs: whole.ms,
    wholeCpuMs: whole.cpuMs,
    // The key is derived in that time too: nothing is stored.
    verifyingMs: verified.ms,
    proofBytes: Buffer.from(proof.proof, 'base64url').length,
    keyBytes: 0,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    largestError: largestError([...outputs[0]], expected),
  };
}

async function json(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

function largestError(values, expected) {
  return Math.max(...expected.map((v, i) => Math.abs(v - values[i])));
}

async function timed(call) {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const value = await call();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000, value };
}
