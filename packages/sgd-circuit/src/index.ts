export {
  dequantiseWeights,
  type LayerWeights,
  quantiseInputs,
  quantiseLabels,
  quantiseWeights,
  weightLimit,
} from './fixedPoint.js';
export {
  etaToLearningRate,
  type IntegerRate,
  learningRateToEta,
  MAX_ETA,
  MAX_RATE_ERROR,
} from './learningRate.js';
export { type PlanConstraints, type PlanInfo, type Planned, planGenesis, planSpec } from './plan.js';
export { type ProfileName, profiles } from './profiles.js';
export { hex32Schema, type PublicInputs, publicInputsSchema, ZERO32 } from './publicInputs.js';
export {
  type Activation,
  canonicalJson,
  inputWidth,
  type Layer,
  type Loss,
  outputWidth,
  parseSpec,
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
