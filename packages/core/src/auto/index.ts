export { type AutoProof, type AutoProveOptions, autoProveTrainingStep } from './autoProveTrainingStep.js';
export type { LayerDeviation } from './deviation.js';
export { type ToleranceFormat, toleranceFormats, toleranceOf } from './formats.js';
export { STEP_THRESHOLD, type StepDifference, stepDifferences } from './isThisStep.js';
export type { StepPlace, StepSecrets } from './proveStep.js';
export { StepProver, type StepProverOptions } from './stepProver.js';
