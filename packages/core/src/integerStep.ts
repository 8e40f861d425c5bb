// One step in integers beside the framework's, without a proof: for benchmarks, which measure number formats.

export { integerStep } from './step/integerStep.js';
export { stepDifferences } from './step/isThisStep.js';
