import { type AggregatedRun, scheduleNext, scheduleRate, scheduleStart } from '@proof-of-training/aggregator';
import { hasStepRates, stepRates } from '@proof-of-training/sgd-circuit';
import type { InParts } from '../dataset/inParts.js';
import { merkleDepth } from '../dataset/merkle.js';
import type { Schedule } from '../dataset/schedule.js';
import type { HashPair } from '../hash/pair.js';
import type { Run } from '../run/schema.js';
import { scheduleOf } from '../run/seeds.js';
import { changingRate } from './file.js';

/**
 * What statements about a run's windows need of it, without the list of its shards: for a verifier of aggregates. Errors: `AGGREGATE_RATE`
 * for a run whose rate changes.
 */
export function aggregatedRun(
  run: Omit<Run, 'shards'>,
  shardCount: number,
  pair: HashPair,
  schedule = scheduleOf(run, shardCount),
): AggregatedRun {
  if (run.schedule) throw changingRate();
  const { spec } = run;
  const { steps } = spec;
  return {
    runId: run.runId,
    spec,
    transcript: run.transcript,
    eta: run.eta,
    genesis: run.genesis,
    datasetRoot: run.datasetRoot,
    depth: merkleDepth(shardCount),
    base: run.base,
    windowKey: run.keys.window,
    at: (window) => schedule.at(window),
    ...(hasStepRates(spec) && {
      rates: (window) => stepRates(spec, BigInt(run.eta), window * steps, steps),
    }),
    pair,
  };
}

/**
 * The hash of windows `from` to `end` - 1, as `scheduleHash` makes it, in a part for each of them, for each of their steps' rates and for
 * each shard of an epoch.
 */
export function* scheduleHashInParts(
  schedule: Schedule,
  { pair, rates }: Pick<AggregatedRun, 'pair' | 'rates'>,
  from: number,
  end: number,
): InParts<string> {
  let hash = scheduleStart(pair, rates?.(from).length);
  for (let n = from; n < end; n++) {
    // Made now, and not within `at`.
    yield* schedule.orderInParts(Math.floor(n / schedule.shards));
    hash = scheduleNext(hash, schedule.at(n), pair);
    yield;
    for (const rate of rates?.(n) ?? []) {
      hash = scheduleRate(hash, rate, pair);
      yield;
    }
  }
  return hash;
}
