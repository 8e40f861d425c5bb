import { ZERO32 } from '@proof-of-training/sgd-circuit';
import type { AggregatePublic } from './aggregate.js';
import type { AggregatedRun, HashPair, WindowPlace } from './run.js';

/** Domain tag, as in packages/aggregator/rust/src/recursion/state.rs. */
const SCHEDULE_DOMAIN = 0x706f7453;

/** A non-negative integer as a field element. */
function field(n: number | bigint): string {
  return `0x${n.toString(16).padStart(64, '0')}`;
}

/**
 * The schedule's hash before any window. `rates`: how many of them each window puts in, one a step where steps have rates of their own:
 * a chain with rates begins elsewhere than one without.
 *
 * @example
 * const start = scheduleStart(pair);
 */
export function scheduleStart(pair: HashPair, rates = 0): string {
  return pair(field(SCHEDULE_DOMAIN), field(rates));
}

/**
 * The schedule's hash after one more window; `rates`: of its steps, where they have rates of their own.
 *
 * @example
 * const next = scheduleNext(scheduleStart(pair), { epoch: 0, shard: 2 }, pair);
 */
export function scheduleNext(
  before: string,
  { epoch, shard }: WindowPlace,
  pair: HashPair,
  rates: readonly bigint[] = [],
): string {
  const place = pair(pair(before, field(epoch)), field(shard));
  return rates.reduce((hash, rate) => scheduleRate(hash, rate, pair), place);
}

/**
 * The schedule's hash after the next step's own rate, behind its window's epoch and shard.
 *
 * @example
 * const next = scheduleRate(scheduleNext(scheduleStart(pair, 1), { epoch: 0, shard: 2 }, pair), 312n, pair);
 */
export function scheduleRate(before: string, rate: bigint, pair: HashPair): string {
  return pair(before, field(rate));
}

/**
 * The schedule's hash after the run's windows `first` to `end` - 1, as the public seed dictates them, and the rule for rates. It begins anew at
 * `first`.
 *
 * @example
 * const hash = scheduleHash(await openRun(bundle.run), 8);
 */
export function scheduleHash(
  { at, pair, rates }: Pick<AggregatedRun, 'at' | 'pair' | 'rates'>,
  end: number,
  first = 0,
): string {
  let hash = scheduleStart(pair, rates?.(first).length);
  for (let n = first; n < end; n++) hash = scheduleNext(hash, at(n), pair, rates?.(n));
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
