// For this repository's other packages, benchmarks and tests; no promise of stability.

export { parsePin } from '@proof-of-training/halo2-wasm';
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
export { integerStep } from './auto/integerStep.js';
export { stepDifferences } from './auto/isThisStep.js';
export { decodeProof, parseAs, type Readable } from './bundle/parse.js';
export { BUNDLE_FORMAT, FORMAT_VERSION, proofEntrySchema } from './bundle/schema.js';
export { circomlibPair } from './commit/index.js';
export { cacheFor } from './config/apply.js';
export { checkOptions, type ShapeFor } from './options/index.js';
export * as kinds from './options/kinds.js';
export { recordBatch } from './record/index.js';
export { beaconSchema } from './run/beacon.js';
export { ColumnDigests } from './run/columnDigests.js';
export { hyperparametersOf, runIdFrom, runIdOf } from './run/identity.js';
export { scheduleOf, settingsDigest, settingsOf } from './run/seeds.js';
export { requireStringOf } from './run/srs.js';
export { readArchitecture } from './session/architecture.js';
export { loadTf, writeWeights } from './session/model.js';
export { tfOptimizer } from './session/optimizer.js';
export { accuracyOf, initialModel } from './train/engine.js';
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
