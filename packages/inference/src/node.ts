// The same in Node, with SRSs and counts on disk: names below stand before those of the other entry.

export {
  type VerifyEvaluationOptions,
  type VerifyInferenceOptions,
  verifyEvaluation,
  verifyInference,
} from '@proof-of-training/verifier/node';
export { type CheckModelOptions, checkModel } from './check/checkModelInNode.js';
export * from './index.js';
export { type CommitModelOptions, commitModel } from './model/commitModelInNode.js';
export { type ExportOnnxOptions, exportOnnx } from './model/exportOnnxInNode.js';
export { fileUses } from './prove/fileUses.js';
export {
  type ProveForestOptions,
  proveForest,
  type VerifyForestOptions,
  verifyForest,
} from './prove/forestInNode.js';
export { type ProveEvaluationOptions, proveEvaluation } from './prove/proveEvaluationInNode.js';
export { type ProveInferenceOptions, proveInference } from './prove/proveInferenceInNode.js';
export { type ProveRangeOptions, proveRange } from './prove/proveRangeInNode.js';
