export {
  type AdapterWeights,
  dequantiseAdapters,
  initialCheckpoint,
  quantiseAdapters,
  quantiseBase,
} from './adapters.js';
export { type EffectiveHyperparameters, effectiveHyperparameters } from './effective.js';
export { type AdapterPlace, adapterCount, adapterPlaces, type LoraNumbers } from './layout.js';
export {
  type OptimizerDeviation,
  type OptimizerNumbers,
  type OptimizerTarget,
  optimizerNumbers,
} from './optimizer.js';
export type { Hyperparameters, RuleValues } from './optimizerOptions.js';
export * from './peft/index.js';
export { type AdapterRate, adapterRate } from './rate.js';
