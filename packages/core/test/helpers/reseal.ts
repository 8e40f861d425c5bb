import type { RunBundle } from '@proof-of-training/verifier/files';
import { merkleRoot, runIdOf, scheduleOf } from '@proof-of-training/verifier/run';
import { circomlibPair } from '../../src/commit/index.js';

/**
 * Makes a run's root and id right again after a change, as a forger would. Without a beacon he can also try nonces until the
 * order is the one that the proofs have, which is what `honest` has.
 */
export async function reseal(bundle: RunBundle, honest: RunBundle): Promise<void> {
  const { run } = bundle;
  const pair = await circomlibPair();
  run.datasetRoot = merkleRoot(run.shards, pair);
  const order = honest.windows.map((w) => honest.run.shards.indexOf(w.public.data));
  const asProven = () => {
    const schedule = scheduleOf(run, run.shards.length);
    return order.every((shard, n) => schedule.at(n).shard === shard);
  };
  for (let tries = 1; !asProven(); tries++) {
    if (tries > 10_000) throw new Error('no order like the one that was proven');
    run.nonce = `0x${tries.toString(16).padStart(64, '0')}`;
  }
  run.runId = runIdOf(run, pair);
  for (const entry of [bundle.genesis, ...bundle.windows]) entry.public.runId = run.runId;
}
