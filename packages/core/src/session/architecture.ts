import type { Layer, LayerWeights, Loss } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { readLearningRate, recordModel } from '../record/index.js';

/** What training a model means, as far as a circuit is concerned. */
export interface Architecture {
  layers: Layer[];
  loss: Loss;
  /** The optimiser's learning rate. */
  learningRate: number;
  /** The first weights, one entry a dense layer. */
  weights: LayerWeights[];
}

/**
 * Reads a compiled model: dense layers in one chain, plain SGD, mean squared error or cross-entropy.
 *
 * Errors: those of `recordModel` and `readLearningRate`; each names what was found and what is supported.
 */
export async function readArchitecture(model: LayersModel): Promise<Architecture> {
  const learningRate = readLearningRate(model);
  const { layers, loss } = await recordModel(model);
  return {
    layers: layers.map(({ inputs, outputs, activation, bias }) => ({ inputs, outputs, activation, bias })),
    loss,
    learningRate,
    weights: layers.map(({ name, kernel, biases }) => ({ name, kernel, ...(biases && { bias: biases }) })),
  };
}
