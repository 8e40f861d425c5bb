// The files that verifiers read: their schemas, reading and versions (docs/protocol/bundle-format.md).

export { ContentsInUse, type Renewed, renewedSchema } from './aggregate/contents.js';
export {
  AGGREGATE_FORMAT,
  type AggregateFile,
  aggregateFileSchema,
  type LastShard,
  lastShardSchema,
  parseAggregate,
  type RunSummary,
  runSummarySchema,
  summarise,
} from './aggregate/file.js';
export { aggregatedRun, formOfFile } from './aggregate/run.js';
export { fromBase64url, toBase64url } from './bundle/base64url.js';
export {
  INFERENCE_FORMAT,
  type InferenceProof,
  type InferenceStatement,
  inferenceSchema,
  MAX_INFERENCE_BYTES,
  parseInference,
  type Shown,
} from './bundle/inference.js';
export {
  type CheckpointOpening,
  decodeOpening,
  decodeWeights,
  encodeWeights,
  OPENING_FORMAT,
  openingSchema,
} from './bundle/opening.js';
export {
  decodeProof,
  encodeProof,
  parseAs,
  parseBundle,
  parseTrainingProof,
  type Readable,
} from './bundle/parse.js';
export {
  BUNDLE_FORMAT,
  bundleSchema,
  type Declared,
  declaredSchema,
  MAX_BUNDLE_BYTES,
  PROOF_FORMAT,
  type ProofEntry,
  proofEntrySchema,
  type RenewalEntry,
  type RunBundle,
  renewalEntrySchema,
  type TrainingProof,
} from './bundle/schema.js';
export { sourceOf } from './bundle/source.js';
export { FORMAT_VERSION, requireVersion } from './bundle/version.js';
