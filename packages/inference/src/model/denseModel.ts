import type { DenseLayer } from '../onnx/chain.js';

/** A model of dense layers, as `readOnnx` gives it. */
export interface DenseModel {
  layers: readonly DenseLayer[];
  /** Whether a softmax follows the last layer. */
  softmax: boolean;
}

/** Whether a value is one, with layers of fitting sizes and a last one without a ReLU. */
export function isModel(value: unknown): boolean {
  const { layers, softmax } = (value ?? {}) as Partial<DenseModel>;
  if (typeof softmax !== 'boolean' || !Array.isArray(layers) || layers.length === 0) return false;
  return layers.every(isLayer) && !layers[layers.length - 1].relu;
}

function isLayer(value: unknown): boolean {
  const { inputs, outputs, kernel, bias, relu } = (value ?? {}) as Partial<DenseLayer>;
  if (!Number.isSafeInteger(inputs) || !Number.isSafeInteger(outputs) || typeof relu !== 'boolean')
    return false;
  return kernel?.length === inputs! * outputs! && bias?.length === outputs;
}
