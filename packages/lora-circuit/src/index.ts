// The optimiser's numbers are of whole networks, too: they are sgd-circuit's.
export {
  type EffectiveHyperparameters,
  effectiveHyperparameters,
  type Hyperparameters,
  initialCheckpoint,
  type OptimizerDeviation,
  type OptimizerNumbers,
  type OptimizerTarget,
  optimizerNumbers,
  type RuleValues,
} from '@proof-of-training/sgd-circuit';
export {
  type AdapterWeights,
  dequantiseAdapters,
  quantiseAdapters,
  quantiseBase,
} from './adapters.js';
export { type AdapterPlace, adapterCount, adapterPlaces, type LoraNumbers } from './layout.js';
export * from './peft/index.js';
export { type AdapterRate, adapterRate } from './rate.js';
