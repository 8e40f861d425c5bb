// For this repository's benchmarks and tests; no promise of stability.

export { integerStep } from './auto/integerStep.js';
export { stepDifferences } from './auto/isThisStep.js';
export { circomlibPair } from './commit/index.js';
export { cacheFor } from './config/apply.js';
export { recordBatch } from './record/index.js';
export { ColumnDigests } from './run/columnDigests.js';
export { runIdOf } from './run/identity.js';
export { readArchitecture } from './session/architecture.js';
export { loadTf, writeWeights } from './session/model.js';
export { tfOptimizer } from './session/optimizer.js';
export { accuracyOf, initialModel } from './train/engine.js';
