// The same in Node, with SRSs on disk and keys derived in a thread: names below stand before those of the other entry.

export * from './index.js';
export { type CacheSettings, cacheFor, type OnDisk } from './node/cache.js';
export { derivedKey } from './node/deriveKey.js';
export { nodeOptions, referenceShape } from './node/options.js';
export {
  type BaseDigestOptions,
  baseDigest,
  openCommitment,
  type ReferenceOptions,
  referenceFor,
  type VerifyAdapterOptions,
  type VerifyAggregateOptions,
  type VerifyEvaluationOptions,
  type VerifyInferenceOptions,
  type VerifyProofOptions,
  type VerifyRunOptions,
  type VerifyWeightsOptions,
  verifyAdapters,
  verifyAggregate,
  verifyEvaluation,
  verifyInference,
  verifyTrainingProof,
  verifyTrainingRun,
  verifyWeights,
} from './node/verify.js';
