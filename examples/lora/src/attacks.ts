import {
  parseBundle,
  type RunBundle,
  type VerificationReport,
  verifyTrainingRun,
} from '@proof-of-training/core';
import { readPeftAdapter } from '@proof-of-training/lora-circuit/node';
import { poseidonPair, runIdOf, scheduleOf } from '@proof-of-training/verifier/run';
import { checkAdapter } from './adapterFile.js';
import type { FineTuned } from './fineTune.js';

/** A way to cheat, and how it was refused. */
export interface Attack {
  name: string;
  code: string;
  message: string;
}

/**
 * Presents the run as one over another base, with an altered proof, and with an altered adapter file. Throws where one
 * is accepted.
 *
 * @param base digest of the base that the verifier has
 * @param other digest of another base
 */
export async function attack(tuned: FineTuned, dir: string, base: string, other: string): Promise<Attack[]> {
  const { bundle } = tuned;
  const verify = (b: RunBundle, expected: string) =>
    verifyTrainingRun(JSON.stringify(b), { expected: { base: expected } });

  const flipped = copy(bundle);
  const bytes = Buffer.from(flipped.windows[0]!.proof, 'base64url');
  bytes[bytes.length - 40]! ^= 1;
  flipped.windows[0]!.proof = bytes.toString('base64url');

  const altered = await readPeftAdapter(dir);
  altered.modules[0]!.A[0]! += 2 ** -12;

  return [
    refused('a run on another base (one weight differs by 2^-20)', await verify(bundle, other)),
    refused(
      'the same, its bundle rewritten to name that base, hashes recomputed',
      await verify(await renamed(bundle, other), other),
    ),
    refused('one flipped byte in a proof', await verify(flipped, base)),
    refused('one number of the adapter file changed', await checkAdapter(altered, tuned, base)),
  ];
}

const copy = (bundle: RunBundle): RunBundle => parseBundle(JSON.stringify(bundle));

/** A bundle that names another base, with everything that is a hash made right, the shards' order too, which depends on it. */
async function renamed(bundle: RunBundle, base: string): Promise<RunBundle> {
  const forged = copy(bundle);
  forged.run.base = base;
  forged.run.runId = runIdOf(forged.run, poseidonPair);
  for (const { public: p } of [forged.genesis, ...forged.windows]) {
    p.base = base;
    p.runId = forged.run.runId;
  }
  const schedule = scheduleOf(forged.run, forged.run.shards.length);
  for (const [n, { public: p }] of forged.windows.entries()) {
    p.data = forged.run.shards[schedule.at(n).shard]!;
    p.epoch = schedule.at(n).epoch;
  }
  return forged;
}

function refused(name: string, report: VerificationReport): Attack {
  if (report.ok || !report.failure) throw new Error(`accepted: ${name}; this must not happen`);
  return { name, code: report.failure.code, message: report.failure.message };
}
