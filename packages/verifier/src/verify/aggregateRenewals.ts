import { PotError } from '@proof-of-training/halo2-wasm';
import { ZERO32 } from '@proof-of-training/sgd-circuit';
import { ContentsInUse, type Renewed } from '../aggregate/contents.js';
import type { AggregateFile } from '../aggregate/file.js';
import { merkleHashes, merkleRootInParts } from '../dataset/merkle.js';
import type { Schedule } from '../dataset/schedule.js';
import type { HashPair } from '../hash/pair.js';
import { poseidonPair } from '../hash/poseidon.js';
import { beginningOf, windowsOf } from './aggregateEnd.js';
import type { Pace } from './pace.js';
import { Renewals, renewalsText } from './renewals.js';
import type { Checklist } from './report.js';

/**
 * Which commitments each window of an aggregate must have used: those that the run lists, and where renewals lead to from there. That the
 * renewals' proofs hold is for another to say: `checkRenewal`.
 *
 * Errors: `DATASET_ROOT` where the listed shards are not the dataset's; `RUN_FOREIGN_PROOF`, `RENEWAL_CHAIN`, `RENEWAL_UNUSED`; details
 * have the renewal's number.
 */
export async function contentsOfFile(
  file: AggregateFile,
  renewed: Renewed,
  schedule: Schedule,
  pair: HashPair,
  pace: Pace,
): Promise<ContentsInUse> {
  const { run } = file;
  const { shards, renewals } = renewed;
  if (shards.length !== run.shardCount || shards.includes(ZERO32)) {
    throw new PotError('DATASET_ROOT', `the listed shards are not ${run.shardCount} shards`);
  }
  const root = await pace.finish('renewals', merkleRootInParts(shards, pair), merkleHashes(shards.length));
  if (root !== run.datasetRoot) {
    throw new PotError('DATASET_ROOT', 'the dataset root is not the root of the listed shards');
  }
  new Renewals({ ...run, shards }, renewals);
  const end = lastWindow(file);
  renewals.forEach(({ window }, n) => {
    const details = { renewal: n };
    if (window >= end) {
      throw new PotError('RENEWAL_UNUSED', `renewal ${n} serves no window`, { details });
    }
    // So no epoch's order is made twice.
    if (n > 0 && window < renewals[n - 1]!.window) {
      throw new PotError('RENEWAL_CHAIN', `renewal ${n} begins before the one that is listed before it`, {
        details,
      });
    }
  });
  return new ContentsInUse(run.base, renewed, schedule);
}

/** Which commitments the windows must have used, where the run's were renewed, as a check of the report. */
export async function contentsIn(
  list: Checklist,
  file: AggregateFile,
  schedule: Schedule,
  pace: Pace,
): Promise<ContentsInUse | undefined | 'refused'> {
  const { renewed } = file;
  if (!renewed) return undefined;
  let contents: ContentsInUse | undefined;
  const ok = await list.run('renewals', async () => {
    contents = await contentsOfFile(file, renewed, schedule, poseidonPair, pace);
    return renewalsText(renewed);
  });
  return ok ? contents : 'refused';
}

/** The window after the aggregate's last. */
function lastWindow(file: AggregateFile): number {
  const { weightsIn } = file.aggregate.public;
  return beginningOf(file, { genesis: weightsIn }).window + windowsOf(file);
}
