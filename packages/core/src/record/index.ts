export { type BaseChange, baseChanges, hasAdapters, requireSameBase } from './base.js';
export { type Batch, type BatchValues, type RecordedBatch, recordBatch } from './batch.js';
export { isLoraName, refuseLora } from './lora.js';
export { isLoraDense, type LoraDense } from './loraLayer.js';
export { isNamed, recordModel } from './model.js';
export { readLearningRate, readOptimizer } from './optimizer.js';
export type {
  ArchitectureHints,
  ModelSource,
  NamedWeights,
  RecordedAdapter,
  RecordedLayer,
  RecordedModel,
  RecordedShape,
} from './recorded.js';
