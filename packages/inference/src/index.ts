// Proofs of what a model gives, in Node and in browsers. A test holds this list: packages/inference/test/exports.test.ts.

export {
  type InferenceContents,
  type InferenceReport,
  type ProvenInference,
  parseInference,
  type VerifyInferenceOptions,
  verifyInference,
} from '@proof-of-training/verifier';
export type { InferenceProof, InferenceStatement } from '@proof-of-training/verifier/files';
export { type CommitModelOptions, commitModel, type DenseModel } from './model/commitModel.js';
export type { DenseLayer } from './onnx/chain.js';
export { type OnnxModel, readOnnx } from './onnx/readOnnx.js';
export type { ProveInferenceOptions, Visibility } from './prove/options.js';
export { type ProvenOutputs, proveInference } from './prove/proveInference.js';
export { type ProveRangeOptions, proveRange } from './prove/proveRange.js';
export { memoryUses, type UseCounter } from './prove/uses.js';
