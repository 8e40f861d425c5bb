import type { OpenRun } from '@proof-of-training/aggregator';
import { aggregatedRun } from '@proof-of-training/verifier/files';
import { checkArgument } from '@proof-of-training/verifier/options';
import { merkleLevels, merkleSiblings, type Run, runSchema } from '@proof-of-training/verifier/run';
import { circomlibPair } from '../commit/index.js';

/**
 * A bundle's or a session's run for `ProofAggregator`: with the shards' places in the dataset's tree.
 *
 * @example
 * const run = await openRun(bundle.run);
 * const aggregator = await ProofAggregator.start({ run, srs, dir: 'aggregates' });
 */
export async function openRun(run: Run): Promise<OpenRun> {
  checkArgument(runSchema, run, 'openRun', 'run');
  const pair = await circomlibPair();
  let levels: string[][] | undefined;
  return {
    ...aggregatedRun(run, run.shards.length, pair),
    shard: (index) => {
      levels ??= merkleLevels(run.shards, pair);
      return { digest: run.shards[index]!, siblings: merkleSiblings(levels, index) };
    },
  };
}
