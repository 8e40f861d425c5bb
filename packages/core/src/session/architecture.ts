import type { Layer, LayerWeights, Loss } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { hasAdapters, type RecordedAdapter, readLearningRate, recordModel } from '../record/index.js';

/** What training a model means, as far as a circuit is concerned. */
export interface Architecture {
  layers: Layer[];
  loss: Loss;
  /** The optimiser's learning rate. */
  learningRate: number;
  /** The first weights, one entry a dense layer; with adapters, the frozen base. */
  weights: LayerWeights[];
  /** The first adapters, one entry a dense layer, null where it has none; absent in a model without adapters. */
  adapters?: ((RecordedAdapter & { name: string }) | null)[];
}

/**
 * Reads a compiled model: dense layers in one chain, plain SGD, mean squared error or cross-entropy; with adapters
 * (`applyLora`) or without.
 *
 * Errors: those of `recordModel` and `readLearningRate`; each names what was found and what is supported.
 */
export async function readArchitecture(model: LayersModel): Promise<Architecture> {
  const learningRate = readLearningRate(model);
  const recorded = await recordModel(model);
  const { layers, loss } = recorded;
  return {
    layers: layers.map(({ inputs, outputs, activation, bias }) => ({ inputs, outputs, activation, bias })),
    loss,
    learningRate,
    weights: layers.map(({ name, kernel, biases }) => ({ name, kernel, ...(biases && { bias: biases }) })),
    ...(hasAdapters(recorded) && {
      adapters: layers.map(({ name, adapter }) => (adapter ? { name, ...adapter } : null)),
    }),
  };
}
