import type { AggregatedRun, Beginning } from '@proof-of-training/aggregator';
import { PotError } from '@proof-of-training/halo2-wasm';
import { hasStepRates } from '@proof-of-training/sgd-circuit';
import type { AggregateFile } from '../aggregate/file.js';

/** Where an aggregate begins and ends. */
export function endOf(file: AggregateFile) {
  const { run, aggregate } = file;
  const { firstStep, weightsIn, weightsOut } = aggregate.public;
  return {
    shardCount: run.shardCount,
    steps: windowsOf(file) * run.spec.steps,
    weightsAfter: weightsOut,
    from: { step: firstStep, weights: weightsIn },
  };
}

/** Windows that an aggregate is about. */
export function windowsOf({ run, aggregate: { public: p } }: AggregateFile): number {
  return (p.endStep - p.firstStep) / run.spec.steps;
}

/** Rates that each window puts into the schedule's hash: its own, where these change, and one a step, where steps have rates of their own. */
export function ratesOf({ run: { spec, schedule } }: AggregateFile): number {
  return (schedule ? 1 : 0) + (hasStepRates(spec) ? spec.steps : 0);
}

/** Where it says to begin: with the run, whose first weights it must then begin with, or later, with weights that are its own word. */
export function beginningOf(
  { run, aggregate }: AggregateFile,
  own: Pick<AggregatedRun, 'genesis'>,
): Beginning {
  const { firstStep, weightsIn } = aggregate.public;
  const window = firstStep / run.spec.steps;
  if (!Number.isInteger(window)) {
    throw new PotError('RUN_STEPS', 'the aggregate does not begin with a whole window');
  }
  return window === 0 ? { window, weights: own.genesis } : { window, weights: weightsIn };
}
