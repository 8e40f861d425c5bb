import {
  type AggregatedRun,
  type Scheduled,
  scheduleBeginning,
  windowParts,
} from '@proof-of-training/aggregator';
import type { AggregateForm } from '@proof-of-training/halo2-wasm';
import { hasStepRates, stepRates } from '@proof-of-training/sgd-circuit';
import type { InParts } from '../dataset/inParts.js';
import { merkleDepth } from '../dataset/merkle.js';
import type { Schedule } from '../dataset/schedule.js';
import type { HashPair } from '../hash/pair.js';
import { etaOfWindow } from '../run/identity.js';
import type { Run } from '../run/schema.js';
import { scheduleOf } from '../run/seeds.js';
import type { ContentsInUse } from './contents.js';
import type { AggregateFile } from './file.js';

/**
 * What statements about a run's windows need of it, without the list of its shards: for a verifier of aggregates. `contents`: where its
 * commitments were renewed.
 */
export function aggregatedRun(
  run: Omit<Run, 'shards'>,
  shardCount: number,
  pair: HashPair,
  schedule = scheduleOf(run, shardCount),
  contents?: ContentsInUse,
): AggregatedRun {
  const { spec } = run;
  const { steps } = spec;
  return {
    runId: run.runId,
    spec,
    transcript: run.transcript,
    eta: run.eta,
    ...(contents && { contentsOf: (window) => contents.at(window) }),
    ...(run.schedule && { etaOf: (window) => etaOfWindow(run, window) }),
    genesis: run.genesis,
    datasetRoot: run.datasetRoot,
    depth: merkleDepth(shardCount),
    base: run.base,
    windowKey: run.keys.window,
    at: (window) => schedule.at(window),
    ...(hasStepRates(spec) && {
      rates: (window) => stepRates(spec, BigInt(etaOfWindow(run, window)), window * steps, steps),
    }),
    pair,
  };
}

/**
 * What the windows of a run may differ in, as `formOf` says of the same run opened: the circuit whose key is derived.
 *
 * @example
 * const form = formOfFile(parseAggregate(await readFile('run.aggregate.json'))); // { rates: true } where its rate changes
 */
export function formOfFile({ run, renewed }: Pick<AggregateFile, 'run' | 'renewed'>): AggregateForm {
  return { ...(run.schedule && { rates: true }), ...(renewed && { renewed: true }) };
}

/**
 * The hash of windows `from` to `end` - 1, as `scheduleHash` makes it, in a part for each of them, for each of their rates and steps' rates
 * and for each shard of an epoch.
 */
export function* scheduleHashInParts(
  schedule: Schedule,
  run: Scheduled,
  from: number,
  end: number,
): InParts<string> {
  let hash = scheduleBeginning(run, from);
  for (let n = from; n < end; n++) {
    // Made now, and not within `at`.
    yield* schedule.orderInParts(Math.floor(n / schedule.shards));
    const [epoch, ...rest] = windowParts(run, n);
    hash = run.pair(hash, epoch!);
    for (const part of rest) {
      hash = run.pair(hash, part);
      yield;
    }
  }
  return hash;
}
