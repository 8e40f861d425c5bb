import { ZERO32 } from '@proof-of-training/sgd-circuit';
import type { AggregatePublic } from './aggregate.js';
import type { AggregatedRun, HashPair, WindowPlace } from './run.js';

/** Domain tag, as in packages/aggregator/rust/src/recursion/state.rs. */
const SCHEDULE_DOMAIN = 0x706f7453;

/** A non-negative integer as a field element. */
function field(n: number): string {
  return `0x${n.toString(16).padStart(64, '0')}`;
}

/**
 * The schedule's hash before any window.
 *
 * @example
 * const start = scheduleStart(pair);
 */
export function scheduleStart(pair: HashPair): string {
  return pair(field(SCHEDULE_DOMAIN), ZERO32);
}

/**
 * The schedule's hash after one more window.
 *
 * @example
 * const next = scheduleNext(scheduleStart(pair), { epoch: 0, shard: 2 }, pair);
 */
export function scheduleNext(before: string, { epoch, shard }: WindowPlace, pair: HashPair): string {
  return pair(pair(before, field(epoch)), field(shard));
}

/**
 * The schedule's hash after the run's windows `first` to `end` - 1, as the public seed dictates them. It begins anew at `first`.
 *
 * @example
 * const hash = scheduleHash(await openRun(bundle.run), 8);
 */
export function scheduleHash(run: Pick<AggregatedRun, 'at' | 'pair'>, end: number, first = 0): string {
  let hash = scheduleStart(run.pair);
  for (let n = first; n < end; n++) hash = scheduleNext(hash, run.at(n), run.pair);
  return hash;
}

/** Where an aggregate begins: at a window of its run, with the weights that the windows before it led to. */
export interface Beginning {
  window: number;
  /** Digest of those weights. */
  weights: string;
}

/**
 * A run's own beginning.
 *
 * @example
 * const { weights } = beginningOf(bundle.run);
 */
export function beginningOf(run: Pick<AggregatedRun, 'genesis'>): Beginning {
  return { window: 0, weights: run.genesis };
}

/** Everything but the schedule's hash, which takes time in proportion to the windows. */
export type AggregateFacts = Omit<AggregatePublic, 'schedule'>;

/**
 * What an aggregate of the run's windows from `from` to `end` - 1 that ends with `weightsOut` has to say, under the aggregation key
 * with digest `key`; without the schedule's hash.
 *
 * @example
 * const facts = factsOf(run, key, 32, weightsOut);
 */
export function factsOf(
  run: AggregatedRun,
  key: string,
  end: number,
  weightsOut: string,
  from: Beginning = beginningOf(run),
): AggregateFacts {
  return {
    key,
    runId: run.runId,
    eta: run.eta,
    firstStep: from.window * run.spec.steps,
    endStep: end * run.spec.steps,
    weightsIn: from.weights,
    weightsOut,
    datasetRoot: run.datasetRoot,
    base: run.base ?? ZERO32,
    depth: run.depth,
  };
}

/**
 * The same with the schedule's hash: all public inputs after the accumulator.
 *
 * @example
 * const statement = statementOf(run, key, 32, weightsOut);
 */
export function statementOf(
  run: AggregatedRun,
  key: string,
  end: number,
  weightsOut: string,
  from: Beginning = beginningOf(run),
): AggregatePublic {
  return { ...factsOf(run, key, end, weightsOut, from), schedule: scheduleHash(run, end, from.window) };
}
