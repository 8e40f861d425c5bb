export {
  type Activation,
  type ActivationName,
  activationName,
  activationText,
  alphaUnits,
  type FloatActivation,
  floatActivation,
  floatActivationSchema,
  integerActivation,
  isTabled,
} from './activations.js';
export { adamRateBits, dividesByGradients, isAdam, MAX_RATE_UNIT, rateUnit } from './adamRate.js';
export { canonicalJson } from './canonicalJson.js';
export {
  checkArgument,
  describeIssue,
  integersSchema,
  naturalSchema,
  numbersSchema,
  sourceSchema,
  textSchema,
} from './check.js';
export { firstIssue } from './firstIssue.js';
export {
  dequantiseWeights,
  type LayerWeights,
  quantiseInputs,
  quantiseLabels,
  quantiseWeight,
  quantiseWeights,
  type WeightFormat,
  weightFormat,
  weightLimit,
} from './fixedPoint.js';
export {
  etaOfB,
  etaToLearningRate,
  gradientFactor,
  type IntegerRate,
  learningRateToEta,
  MAX_ADAM_ETA,
  MAX_ETA,
  MAX_RATE_ERROR,
  type RateNumbers,
  roundsClosely,
} from './learningRate.js';
export { LIMITS } from './limits.js';
export {
  type FloatLoss,
  floatLoss,
  floatLossSchema,
  integerLoss,
  type Labels,
  type Loss,
  type LossName,
  labelsOf,
  lossName,
} from './losses.js';
export { lossText } from './lossText.js';
export {
  type CheckpointPart,
  checkpointCount,
  initialCheckpoint,
  stateCount,
} from './optimizer/checkpoint.js';
export { type EffectiveHyperparameters, effectiveHyperparameters } from './optimizer/effective.js';
export {
  type OptimizerDeviation,
  type OptimizerNumbers,
  type OptimizerTarget,
  optimizerNumbers,
} from './optimizer/numbers.js';
export type { Hyperparameters, RuleValues } from './optimizer/options.js';
export { type RulePart, updateRule, withOptimizer } from './optimizer/place.js';
export { type PlanConstraints, type PlanInfo, type Planned, planGenesis, planSpec } from './plan.js';
export { type ProfileName, profiles } from './profiles.js';
export {
  hex32Schema,
  type PublicInputs,
  publicInputsSchema,
  type RenewalInputs,
  renewalInputsSchema,
  ZERO32,
} from './publicInputs.js';
export { etaOfStep } from './schedule/eta.js';
export { type LearningRateSchedule, type ScheduleNumbers, scheduleNumbers } from './schedule/options.js';
export { type RateSchedule, SHARE_BITS, scheduleSchema } from './schedule/schema.js';
export { type Share, scheduleShare } from './schedule/share.js';
export { scheduleText } from './schedule/text.js';
export {
  type Adapter,
  baseCount,
  inputWidth,
  type Layer,
  type Lora,
  layerCount,
  loraNumbersSchema,
  type Optimizer,
  optimizerSchema,
  outputWidth,
  type Penalty,
  parseSpec,
  parseUnplannedSpec,
  rateNumbersSchema,
  type Scales,
  type SgdSpec,
  type Shape,
  type SpecNumbers,
  specSchema,
  type UnplannedSpec,
  unplannedSpecSchema,
  weightCount,
  weightScale,
} from './spec.js';
export { hasStepRates, type StepRateNumbers, stepRates } from './stepRate.js';
export {
  type JsonProblem,
  parseStrictJson,
  readStrictJson,
  type StrictJsonOptions,
} from './strictJson.js';
