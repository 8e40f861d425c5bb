export { type Batch, type BatchValues, type RecordedBatch, recordBatch } from './batch.js';
export { isLoraName, refuseLora } from './lora.js';
export { readLearningRate } from './loss.js';
export { isNamed, recordModel } from './model.js';
export type {
  ArchitectureHints,
  ModelSource,
  NamedWeights,
  RecordedLayer,
  RecordedModel,
} from './recorded.js';
