export type { StepSecrets } from '../prove/proofFile.js';
export { type AutoProof, autoProveTrainingStep } from './autoProveTrainingStep.js';
export type { AutoProveOptions } from './checks.js';
export type { LayerDeviation } from './deviation.js';
export { type ToleranceFormat, toleranceFormats } from './formats.js';
export { STEP_THRESHOLD, type StepDifference, stepDifferences } from './isThisStep.js';
export type { StepPlace, StepProverOptions } from './stepOptions.js';
export { StepProver } from './stepProver.js';
