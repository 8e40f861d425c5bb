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
