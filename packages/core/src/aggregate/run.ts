import type { OpenRun } from '@proof-of-training/aggregator';
import { aggregatedRun, ContentsInUse, type Renewed, renewedSchema } from '@proof-of-training/verifier/files';
import { checkArgument } from '@proof-of-training/verifier/options';
import {
  merkleLevels,
  merkleSiblings,
  type Run,
  runSchema,
  scheduleOf,
} from '@proof-of-training/verifier/run';
import { circomlibPair } from '../commit/index.js';

/**
 * A bundle's or a session's run for `ProofAggregator`: with the shards' places in the dataset's tree. `renewed`: as an aggregate's file has
 * it, where the run's commitments were renewed.
 *
 * @example
 * const run = await openRun(bundle.run);
 * const aggregator = await ProofAggregator.start({ run, srs, dir: 'aggregates' });
 */
export async function openRun(run: Run, renewed?: Renewed): Promise<OpenRun> {
  checkArgument(runSchema, run, 'openRun', 'run');
  if (renewed !== undefined) checkArgument(renewedSchema, renewed, 'openRun', 'renewed');
  const schedule = scheduleOf(run, run.shards.length);
  const contents = renewed && new ContentsInUse(run.base, renewed, schedule);
  const pair = await circomlibPair();
  let levels: string[][] | undefined;
  return {
    ...aggregatedRun(run, run.shards.length, pair, schedule, contents),
    shard: (index) => {
      levels ??= merkleLevels(run.shards, pair);
      return { digest: run.shards[index]!, siblings: merkleSiblings(levels, index) };
    },
  };
}
