export {
  type AdapterWeights,
  dequantiseAdapters,
  quantiseAdapters,
  quantiseBase,
} from './adapters.js';
export { type AdapterPlace, adapterCount, adapterPlaces, type LoraNumbers } from './layout.js';
export * from './peft/index.js';
export { type AdapterRate, adapterRate } from './rate.js';
