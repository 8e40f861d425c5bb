/**
 * circom and snarkjs (Groth16) on the update of N weights alone (circom/update.mjs): no forward or backward pass, no
 * commitments. Needs npm's circom2 and snarkjs in PEERS_DIR. Times include the start of Node, as a user's do.
 *
 *   PEERS_DIR=... node peers/circom.mjs 1000
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { cacheDir, makeFolder } from '@proof-of-training/halo2-wasm/node';
import { writePtau } from './circom/ptau.mjs';
import { updateCircuit, updateInput } from './circom/update.mjs';
import { missing, runPeer } from './process.mjs';

const USAGE = new URL('./circom/usage.mjs', import.meta.url).href;
const modules = join(process.env.PEERS_DIR ?? join(cacheDir(), 'peers'), 'node_modules');
const CONSTRAINTS_PER_WEIGHT = 18;

console.log(JSON.stringify(await measure(JSON.parse(process.argv[2]))));

async function measure(weights) {
  const versions = ['circom2', 'snarkjs'].map(installed);
  const k = Math.ceil(Math.log2(weights * CONSTRAINTS_PER_WEIGHT));
  const ptau = await powersOfTau(k);
  const folder = await mkdtemp(join(tmpdir(), 'pot-circom-'));
  const node = async (...args) => {
    const start = performance.now();
    const { stdout, stderr } = await runPeer(process.execPath, ['--import', USAGE, ...args], { cwd: folder });
    return { ms: performance.now() - start, ...JSON.parse(stderr.trim().split('\n').at(-1)), stdout };
  };
  const snarkjs = (...args) => node(join(modules, 'snarkjs/build/cli.cjs'), ...args);
  try {
    await writeFile(join(folder, 'update.circom'), updateCircuit(weights));
    await writeFile(join(folder, 'input.json'), JSON.stringify(updateInput(weights)));
    await node(join(modules, 'circom2/cli.js'), '--O1', '--r1cs', '--wasm', 'update.circom');
    const setup = await snarkjs('groth16', 'setup', 'update.r1cs', ptau, '0.zkey');
    const contribution = await snarkjs(
      'zkey',
      'contribute',
      '0.zkey',
      '1.zkey',
      '--name=bench',
      '-e=insecure',
    );
    await snarkjs('zkey', 'export', 'verificationkey', '1.zkey', 'vk.json');
    const witness = await node(
      'update_js/generate_witness.js',
      'update_js/update.wasm',
      'input.json',
      'w.wtns',
    );
    const prove = await snarkjs('groth16', 'prove', '1.zkey', 'w.wtns', 'proof.json', 'public.json');
    const verify = await snarkjs('groth16', 'verify', 'vk.json', 'public.json', 'proof.json');
    if (!verify.stdout.includes('OK'))
      throw new PotError('PEER_FAILED', 'snarkjs does not verify its own proof');
    return {
      version: versions.join(', '),
      weights,
      keygenMs: setup.ms + contribution.ms,
      witnessMs: witness.ms,
      provingMs: prove.ms,
      provingCpuMs: prove.cpuMs,
      verifyingMs: verify.ms,
      proofBytes: (await stat(join(folder, 'proof.json'))).size,
      peakBytes: prove.peakBytes,
      keyBytes: (await stat(join(folder, '1.zkey'))).size,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function powersOfTau(k) {
  const folder = join(cacheDir(), 'circom');
  const path = join(folder, `insecure-${k}.ptau`);
  if (existsSync(path)) return path;
  makeFolder(folder);
  // Found as snarkjs finds it.
  const require = createRequire(join(modules, 'snarkjs/package.json'));
  await writePtau(require('ffjavascript'), path, k);
  return path;
}

function installed(name) {
  try {
    return `${name} ${JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version}`;
  } catch (e) {
    throw missing(`${name} (looked for in ${modules})`, e);
  }
}
