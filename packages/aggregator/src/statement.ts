import { ZERO32 } from '@proof-of-training/sgd-circuit';
import type { AggregatePublic } from './aggregate.js';
import type { AggregatedRun, HashPair, WindowPlace } from './run.js';

/** Domain tag, as in packages/aggregator/rust/src/recursion/state.rs. */
const SCHEDULE_DOMAIN = 0x706f7453;

/** A non-negative integer as a field element. */
function field(n: number): string {
  return `0x${n.toString(16).padStart(64, '0')}`;
}

/** The schedule's hash before any window. */
export function scheduleStart(pair: HashPair): string {
  return pair(field(SCHEDULE_DOMAIN), ZERO32);
}

/** The schedule's hash after one more window. */
export function scheduleNext(before: string, { epoch, shard }: WindowPlace, pair: HashPair): string {
  return pair(pair(before, field(epoch)), field(shard));
}

/** The schedule's hash after the run's windows 0 to `windows` - 1, as the public seed dictates them. */
export function scheduleHash(run: Pick<AggregatedRun, 'at' | 'pair'>, windows: number): string {
  let hash = scheduleStart(run.pair);
  for (let n = 0; n < windows; n++) hash = scheduleNext(hash, run.at(n), run.pair);
  return hash;
}

/** Everything but the schedule's hash, which takes time in proportion to the windows. */
export type AggregateFacts = Omit<AggregatePublic, 'schedule'>;

/**
 * What an aggregate of the run's windows 0 to `windows` - 1 that ends with `weightsOut` has to say, under the aggregation key with
 * digest `key`; without the schedule's hash.
 */
export function factsOf(
  run: AggregatedRun,
  key: string,
  windows: number,
  weightsOut: string,
): AggregateFacts {
  return {
    key,
    runId: run.runId,
    eta: run.eta,
    firstStep: 0,
    endStep: windows * run.spec.steps,
    weightsIn: run.genesis,
    weightsOut,
    datasetRoot: run.datasetRoot,
    base: run.base ?? ZERO32,
    depth: run.depth,
  };
}

/** The same with the schedule's hash: all public inputs after the accumulator. */
export function statementOf(
  run: AggregatedRun,
  key: string,
  windows: number,
  weightsOut: string,
): AggregatePublic {
  return { ...factsOf(run, key, windows, weightsOut), schedule: scheduleHash(run, windows) };
}
