import { type AggregatedRun, scheduleNext, scheduleStart } from '@proof-of-training/aggregator';
import type { InParts } from '../dataset/inParts.js';
import { merkleDepth } from '../dataset/merkle.js';
import type { Schedule } from '../dataset/schedule.js';
import type { HashPair } from '../hash/pair.js';
import type { Run } from '../run/schema.js';
import { scheduleOf } from '../run/seeds.js';

/** What statements about a run's windows need of it, without the list of its shards: for a verifier of aggregates. */
export function aggregatedRun(
  run: Omit<Run, 'shards'>,
  shardCount: number,
  pair: HashPair,
  schedule = scheduleOf(run, shardCount),
): AggregatedRun {
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

/** The hash of windows `from` to `end` - 1, as `scheduleHash` makes it, in a part for each of them and for each shard of an epoch. */
export function* scheduleHashInParts(
  schedule: Schedule,
  pair: HashPair,
  from: number,
  end: number,
): InParts<string> {
  let hash = scheduleStart(pair);
  for (let n = from; n < end; n++) {
    // Made now, and not within `at`.
    yield* schedule.orderInParts(Math.floor(n / schedule.shards));
    hash = scheduleNext(hash, schedule.at(n), pair);
    yield;
  }
  return hash;
}
