export { adamRateBits, isAdam, MAX_RATE_UNIT, rateUnit } from './adamRate.js';
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
} from './learningRate.js';
export { LIMITS } from './limits.js';
export { type PlanConstraints, type PlanInfo, type Planned, planGenesis, planSpec } from './plan.js';
export { type ProfileName, profiles } from './profiles.js';
export { hex32Schema, type PublicInputs, publicInputsSchema, ZERO32 } from './publicInputs.js';
export {
  type Activation,
  type Adapter,
  baseCount,
  checkpointCount,
  inputWidth,
  type Layer,
  type Lora,
  type Loss,
  layerCount,
  loraNumbersSchema,
  type Optimizer,
  outputWidth,
  parseSpec,
  parseUnplannedSpec,
  rateNumbersSchema,
  type Scales,
  type SgdSpec,
  type Shape,
  type SpecNumbers,
  specSchema,
  stateCount,
  type UnplannedSpec,
  unplannedSpecSchema,
  weightCount,
  weightScale,
} from './spec.js';
export {
  type JsonProblem,
  parseStrictJson,
  readStrictJson,
  type StrictJsonOptions,
} from './strictJson.js';
