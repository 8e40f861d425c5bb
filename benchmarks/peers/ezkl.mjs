/**
 * EZKL on a whole SGD step (ezkl/network.py), every command in a process of its own. Needs a Python with ezkl, onnx and
 * numpy: PYTHON. Its reference string is made once (INSECURE, minutes for large networks) and in no figure.
 *
 *   PYTHON=... node peers/ezkl.mjs '[32,24,8]'
 */

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { cacheDir, makeFolder } from '@proof-of-training/halo2-wasm/node';
import { ezklStep, ezklVersion, runPython } from './ezklPython.mjs';
import { requireMemory } from './process.mjs';
import { STORED } from './stored.mjs';

const BATCH = 8;

/** The rows (log2) that were fastest for a network; its weights say which. */
const LOGROWS = { 960: 15, 8832: 18, 22876: 19 };

const widths = JSON.parse(process.argv[2]);
console.log(JSON.stringify(await measure(widths)));

async function measure([inputs, hidden, outputs]) {
  const weights = inputs * hidden + hidden * outputs;
  const logrows = LOGROWS[weights];
  if (!logrows) throw new PotError('OPTION_INVALID', `no settings for a network of ${weights} weights`);
  const version = await ezklVersion();
  requireMemory(STORED.ezkl[weights].peakBytes);
  const folder = await mkdtemp(join(tmpdir(), 'pot-ezkl-'));
  const strings = join(cacheDir(), 'ezkl');
  makeFolder(strings);
  const srs = join(strings, `insecure-${logrows}.srs`);
  const step = (command, ...args) => ezklStep(command, folder, srs, ...args);
  try {
    await runPython('network.py', folder, BATCH, inputs, hidden, outputs);
    // 7 fractional bits; weights and data secret, the new weights public. Everything else is EZKL's default.
    const scales = { input_scale: 7, param_scale: 7, decomp_base: 16384, decomp_legs: 2, num_inner_cols: 2 };
    const visible = { input_visibility: 'private', output_visibility: 'public', param_visibility: 'fixed' };
    const { rows } = await step('settings', JSON.stringify({ ...scales, ...visible, logrows }));
    await step('compile');
    if (!existsSync(srs)) await step('srs');
    const setup = await step('setup');
    const witness = await step('witness');
    const prove = await step('prove');
    const verify = await step('verify');
    if (!verify.ok) throw new PotError('PEER_FAILED', 'EZKL does not verify its own proof');
    return {
      version,
      weights,
      logrows,
      rows,
      keygenMs: setup.ms,
      witnessMs: witness.ms,
      provingMs: prove.ms,
      provingCpuMs: prove.cpuMs,
      verifyingMs: verify.ms,
      proofBytes: prove.proofBytes,
      peakBytes: prove.peakBytes,
      keygenPeakBytes: setup.peakBytes,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
