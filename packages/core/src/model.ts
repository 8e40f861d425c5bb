// Models of TensorFlow.js as this package reads and makes them: for benchmarks and the other packages of this repository.

export { recordBatch } from './record/index.js';
export { readArchitecture } from './session/architecture.js';
export { loadTf, writeWeights } from './session/model.js';
export { tfOptimizer } from './session/optimizer.js';
export { accuracyOf, initialModel } from './trainConfig/engine.js';
