// For this repository's other packages, benchmarks and tests; no promise of stability.

export { parsePin } from '@proof-of-training/halo2-wasm';
export {
  BUNDLE_FORMAT,
  decodeProof,
  FORMAT_VERSION,
  parseAs,
  proofEntrySchema,
  type Readable,
} from '@proof-of-training/verifier/files';
export { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
export {
  beaconSchema,
  ColumnDigests,
  hyperparametersOf,
  requireStringOf,
  runIdFrom,
  runIdOf,
  scheduleOf,
  settingsDigest,
  settingsOf,
} from '@proof-of-training/verifier/run';
export {
  AGGREGATE_FORMAT,
  lastShardOf,
  lastShardSchema,
  type RunSummary,
  runSummarySchema,
  summarise,
} from './aggregate/file.js';
export { derivedKey } from './aggregate/key.js';
export { aggregatedRun } from './aggregate/run.js';
export { circomlibPair } from './commit/index.js';
export { cacheFor } from './config/apply.js';
export { recordBatch } from './record/index.js';
export { readArchitecture } from './session/architecture.js';
export { loadTf, writeWeights } from './session/model.js';
export { tfOptimizer } from './session/optimizer.js';
export { integerStep } from './step/integerStep.js';
export { stepDifferences } from './step/isThisStep.js';
export { accuracyOf, initialModel } from './trainConfig/engine.js';
export { requireAllowed } from './verify/adapters.js';
export { checkShardCount } from './verify/aggregate.js';
export { checkLimits, type LimitOptions } from './verify/limits.js';
export { openCommitment, readOpening } from './verify/opening.js';
export { limits as limitShape, reference as referenceShape } from './verify/options.js';
export { type ReferenceOptions, referenceFor, refuseDevelopment } from './verify/reference.js';
export { Checklist } from './verify/report.js';
export { checkStart, orderText } from './verify/start.js';
export { checkGenesisStatement, checkSpecs } from './verify/structure.js';
export { checkKeys, checkProof } from './verify/underKeys.js';
