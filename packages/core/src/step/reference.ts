import { hasAdapters, type RecordedBatch, type RecordedModel } from '../record/index.js';
import { type AdapterGradient, adapterGradient, addAdapter, addBackward } from './adapterGradient.js';

/** Gradients of what is trained of one layer in double precision, laid out as the recorded weights are. */
export interface LayerGradient {
  /** `[inputs][outputs]`; empty in a model with adapters. */
  kernel: Float64Array;
  /** Empty without bias, and in a model with adapters. */
  biases: Float64Array;
  /** Where the layer has one. */
  adapter?: AdapterGradient;
}

/**
 * The loss's gradient in double precision, with TensorFlow.js's reductions: what the recorded step is compared
 * with before anything is proven. Not part of the proof.
 */
export function referenceGradient(model: RecordedModel, batch: RecordedBatch): LayerGradient[] {
  const activations: Float64Array[] = [Float64Array.from(batch.x)];
  for (const layer of model.layers) {
    const z = forward(layer, activations[activations.length - 1]!, batch.samples);
    if (layer.activation === 'relu') for (let i = 0; i < z.length; i++) if (z[i]! < 0) z[i] = 0;
    activations.push(z);
  }
  let delta = outputDelta(model, activations[activations.length - 1]!, batch);
  const frozen = hasAdapters(model);
  // Nothing is computed below the lowest layer that has an adapter.
  const lowest = frozen ? model.layers.findIndex((l) => l.adapter) : 0;
  const gradients: LayerGradient[] = [];
  for (let l = model.layers.length - 1; l >= 0; l--) {
    const layer = model.layers[l]!;
    const below = activations[l]!;
    gradients.unshift(
      frozen ? frozenGradient(layer, below, delta) : layerGradient(layer, below, delta, batch.samples),
    );
    if (l > lowest)
      delta = backward(layer, model.layers[l - 1]!.activation === 'relu', below, delta, batch.samples);
  }
  return gradients;
}

type Dense = RecordedModel['layers'][number];

function forward(layer: Dense, h: Float64Array, samples: number): Float64Array {
  const { inputs, outputs, kernel, biases, adapter } = layer;
  const z = new Float64Array(samples * outputs);
  for (let b = 0; b < samples; b++) {
    for (let i = 0; i < outputs; i++) z[b * outputs + i] = biases?.[i] ?? 0;
    for (let j = 0; j < inputs; j++) {
      const value = h[b * inputs + j]!;
      if (value === 0) continue;
      for (let i = 0; i < outputs; i++) z[b * outputs + i]! += kernel[j * outputs + i]! * value;
    }
  }
  if (adapter) addAdapter(z, adapter, h);
  return z;
}

function outputDelta(
  { layers, loss }: RecordedModel,
  z: Float64Array,
  { y, samples }: RecordedBatch,
): Float64Array {
  const width = layers[layers.length - 1]!.outputs;
  const delta = new Float64Array(z.length);
  for (let b = 0; b < samples; b++) {
    const row = z.subarray(b * width, (b + 1) * width);
    if (loss === 'meanSquaredError') {
      for (let i = 0; i < width; i++)
        delta[b * width + i] = (2 * (row[i]! - y[b * width + i]!)) / (samples * width);
      continue;
    }
    const max = row.reduce((m, v) => Math.max(m, v), Number.NEGATIVE_INFINITY);
    const exps = row.map((v) => Math.exp(v - max));
    const sum = exps.reduce((s, v) => s + v, 0);
    for (let i = 0; i < width; i++) delta[b * width + i] = (exps[i]! / sum - y[b * width + i]!) / samples;
  }
  return delta;
}

function layerGradient(layer: Dense, h: Float64Array, delta: Float64Array, samples: number): LayerGradient {
  const { inputs, outputs, bias } = layer;
  const kernel = new Float64Array(inputs * outputs);
  const biases = new Float64Array(bias ? outputs : 0);
  for (let b = 0; b < samples; b++) {
    for (let j = 0; j < inputs; j++) {
      const value = h[b * inputs + j]!;
      if (value === 0) continue;
      for (let i = 0; i < outputs; i++) kernel[j * outputs + i]! += delta[b * outputs + i]! * value;
    }
    for (let i = 0; i < biases.length; i++) biases[i]! += delta[b * outputs + i]!;
  }
  return { kernel, biases };
}

function frozenGradient({ adapter }: Dense, h: Float64Array, delta: Float64Array): LayerGradient {
  const none = new Float64Array(0);
  return {
    kernel: none,
    biases: none,
    ...(adapter && { adapter: adapterGradient(adapter, h, delta) }),
  };
}

function backward(
  { inputs, outputs, kernel, adapter }: Dense,
  relu: boolean,
  h: Float64Array,
  delta: Float64Array,
  samples: number,
): Float64Array {
  const below = new Float64Array(samples * inputs);
  for (let b = 0; b < samples; b++) {
    for (let j = 0; j < inputs; j++) {
      if (relu && h[b * inputs + j]! <= 0) continue;
      let sum = 0;
      for (let i = 0; i < outputs; i++) sum += kernel[j * outputs + i]! * delta[b * outputs + i]!;
      below[b * inputs + j] = sum;
    }
  }
  if (!adapter) return below;
  addBackward(below, adapter, delta);
  if (relu) for (let n = 0; n < below.length; n++) if (h[n]! <= 0) below[n] = 0;
  return below;
}
