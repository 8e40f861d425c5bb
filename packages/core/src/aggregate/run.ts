import type { AggregatedRun, OpenRun } from '@proof-of-training/aggregator';
import { checkArgument } from '@proof-of-training/verifier/options';
import {
  type HashPair,
  merkleDepth,
  merkleLevels,
  merkleSiblings,
  type Run,
  runSchema,
  scheduleOf,
} from '@proof-of-training/verifier/run';
import { circomlibPair } from '../commit/index.js';

/** What statements about a run's windows need of it, without the list of its shards: for a verifier of aggregates. */
export function aggregatedRun(run: Omit<Run, 'shards'>, shardCount: number, pair: HashPair): AggregatedRun {
  const schedule = scheduleOf(run, shardCount);
  return {
    runId: run.runId,
    spec: run.spec,
    transcript: run.transcript,
    eta: run.eta,
    genesis: run.genesis,
    datasetRoot: run.datasetRoot,
    depth: merkleDepth(shardCount),
    base: run.base,
    windowKey: run.keys.window,
    at: (window) => schedule.at(window),
    pair,
  };
}

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
