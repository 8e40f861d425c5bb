// Proofs of what a model gives, in Node and in browsers. A test holds this list: packages/inference/test/exports.test.ts.

export {
  type EvaluationReport,
  type InferenceContents,
  type InferenceReport,
  type ProvenEvaluation,
  type ProvenInference,
  type ProvenPredicate,
  parseInference,
  type Reveal,
  type VerifyEvaluationOptions,
  type VerifyInferenceOptions,
  verifyEvaluation,
  verifyInference,
} from '@proof-of-training/verifier';
export type { InferenceProof, InferenceStatement } from '@proof-of-training/verifier/files';
export type { Accuracy } from './check/accuracy.js';
export type { ModelBounds, NodeBound } from './check/bounds.js';
export { checkModel } from './check/checkModel.js';
export type { CircuitPlan, CircuitShape } from './check/circuit.js';
export type { CostEstimate } from './check/cost.js';
export type { CheckModelOptions, CheckProgress } from './check/options.js';
export type { CheckProblem, ModelCheck } from './check/report.js';
export type { OnnxRuntime } from './check/runtime.js';
export { type CommitModelOptions, commitModel } from './model/commitModel.js';
export type { DenseModel } from './model/denseModel.js';
export { type ExportOnnxOptions, exportOnnx } from './model/exportOnnx.js';
export type { DenseLayer, Last } from './onnx/chain.js';
export type { Forest } from './onnx/forest.js';
export { type OnnxModel, readOnnx } from './onnx/readOnnx.js';
export type { ForestModel, ProveForestOptions } from './prove/forestOptions.js';
export type { ProveInferenceOptions, Visibility } from './prove/options.js';
export {
  type ProveEvaluationOptions,
  type ProvenEvaluationFile,
  proveEvaluation,
} from './prove/proveEvaluation.js';
export { proveForest } from './prove/proveForest.js';
export { type ProvenOutputs, proveInference } from './prove/proveInference.js';
export { type ProveRangeOptions, proveRange } from './prove/proveRange.js';
export { memoryUses, type UseCounter } from './prove/uses.js';
export { type VerifyForestOptions, verifyForest } from './prove/verifyForest.js';
