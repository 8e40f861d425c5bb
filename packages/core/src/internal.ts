// For this repository's benchmarks and tests; no promise of stability.
export { ColumnDigests } from './run/columnDigests.js';
export { pairHasher } from './run/hash.js';
export { readArchitecture } from './session/architecture.js';
export { writeWeights } from './session/model.js';
export { accuracyOf } from './train/engine.js';
