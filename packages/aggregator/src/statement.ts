import type { AggregateForm } from '@proof-of-training/halo2-wasm';
import { ZERO32 } from '@proof-of-training/sgd-circuit';
import type { AggregatePublic } from './aggregate.js';
import { type AggregatedRun, formOf, type HashPair } from './run.js';

/** Domain tag, as in packages/aggregator/rust/src/recursion/state.rs. */
const SCHEDULE_DOMAIN = 0x706f7453;

/** A non-negative integer as a field element. */
function field(n: number | bigint): string {
  return `0x${n.toString(16).padStart(64, '0')}`;
}

/** What the schedule's hash is made of. */
export type Scheduled = Pick<AggregatedRun, 'at' | 'pair' | 'rates' | 'etaOf' | 'contentsOf'>;

/** Added to the number of rates that a chain begins with, as in packages/aggregator/rust/src/recursion/state.rs. */
const RATES_TAG = 2 ** 32;
const RENEWED_TAG = 2 ** 33;

/**
 * The schedule's hash before any window. `rates`: how many of them each window puts in, one a step where steps have rates of their own:
 * a chain with rates begins elsewhere than one without, and so does one in which windows differ (`form`).
 *
 * @example
 * const start = scheduleStart(pair);
 */
export function scheduleStart(pair: HashPair, rates = 0, form: AggregateForm = {}): string {
  return pair(
    field(SCHEDULE_DOMAIN),
    field(rates + (form.rates ? RATES_TAG : 0) + (form.renewed ? RENEWED_TAG : 0)),
  );
}

/**
 * What window `n` puts into the schedule's hash, as field elements, in order: its epoch and its shard, or, where commitments were renewed,
 * the digests of its shard and of the base; its rate, where windows have their own; the rates of its steps, where these have their own.
 *
 * @example
 * const hash = windowParts(run, 0).reduce(run.pair, scheduleStart(run.pair));
 */
export function windowParts({ at, rates, etaOf, contentsOf }: Scheduled, n: number): string[] {
  const { epoch, shard } = at(n);
  const own = contentsOf?.(n);
  const digests = own && [own.data, ...(own.base === undefined ? [] : [own.base])];
  const eta = etaOf ? [BigInt(etaOf(n))] : [];
  return [field(epoch), ...(digests ?? [field(shard)]), ...[...eta, ...(rates?.(n) ?? [])].map(field)];
}

/**
 * What the schedule's hash of a run's windows from `first` on begins with.
 *
 * @example
 * let hash = scheduleBeginning(run, 0);
 */
export function scheduleBeginning(run: Scheduled, first: number): string {
  return scheduleStart(run.pair, run.rates?.(first).length, formOf(run));
}

/**
 * The schedule's hash after the run's windows `first` to `end` - 1, as the public seed dictates them, and the rules for rates. It begins
 * anew at `first`.
 *
 * @example
 * const hash = scheduleHash(await openRun(bundle.run), 8);
 */
export function scheduleHash(run: Scheduled, end: number, first = 0): string {
  let hash = scheduleBeginning(run, first);
  for (let n = first; n < end; n++) hash = windowParts(run, n).reduce(run.pair, hash);
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
