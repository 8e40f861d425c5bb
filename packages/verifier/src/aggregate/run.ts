import type { AggregatedRun } from '@proof-of-training/aggregator';
import { merkleDepth } from '../dataset/merkle.js';
import type { HashPair } from '../hash/pair.js';
import type { Run } from '../run/schema.js';
import { scheduleOf } from '../run/seeds.js';

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
