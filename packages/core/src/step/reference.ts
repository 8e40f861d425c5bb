import { type FloatLoss, labelsOf } from '@proof-of-training/sgd-circuit';
import { hasAdapters, type RecordedBatch, type RecordedModel } from '../record/index.js';
import { type AdapterGradient, adapterGradient, addAdapter, addBackward } from './adapterGradient.js';
import { curveOf } from './functions.js';

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
  const slopes: Float64Array[] = [];
  for (const layer of model.layers) {
    const z = forward(layer, activations[activations.length - 1]!, batch.samples);
    // Under a cross-entropy the last layer gives logits.
    const own = layer === model.layers[model.layers.length - 1] && labelsOf(model.loss) !== 'real';
    slopes.push(own ? new Float64Array(z.length).fill(1) : bend(z, layer));
    activations.push(z);
  }
  let delta = outputDelta(model, activations[activations.length - 1]!, batch);
  multiply(delta, slopes[slopes.length - 1]!);
  const frozen = hasAdapters(model);
  // Nothing is computed below the lowest layer that has an adapter.
  const lowest = frozen ? model.layers.findIndex((l) => l.adapter) : 0;
  const gradients: LayerGradient[] = [];
  for (let l = model.layers.length - 1; l >= 0; l--) {
    const layer = model.layers[l]!;
    const below = activations[l]!;
    gradients.unshift(
      frozen ? frozenGradient(layer, below, delta) : penalised(layer, below, delta, batch.samples),
    );
    if (l > lowest) delta = backward(layer, slopes[l - 1]!, delta, batch.samples);
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

/** What a layer's activation makes of its values, in place; the slopes there. */
function bend(z: Float64Array, { activation }: Dense): Float64Array {
  const curve = curveOf(activation);
  const slopes = new Float64Array(z.length);
  for (let i = 0; i < z.length; i++) [z[i], slopes[i]] = curve(z[i]!);
  return slopes;
}

function multiply(delta: Float64Array, slopes: Float64Array): void {
  for (let i = 0; i < delta.length; i++) delta[i]! *= slopes[i]!;
}

function outputDelta(
  { layers, loss }: RecordedModel,
  z: Float64Array,
  { y, samples }: RecordedBatch,
): Float64Array {
  const width = layers[layers.length - 1]!.outputs;
  if (labelsOf(loss) !== 'oneHot') {
    const slope = residualSlope(loss);
    return z.map((value, n) => slope(value, y[n]!) / (samples * width));
  }
  const delta = new Float64Array(z.length);
  const smoothing = smoothingOf(loss) / width;
  const weight = 1 - smoothingOf(loss);
  for (let b = 0; b < samples; b++) {
    const row = z.subarray(b * width, (b + 1) * width);
    const max = row.reduce((m, v) => Math.max(m, v), Number.NEGATIVE_INFINITY);
    const exps = row.map((v) => Math.exp(v - max));
    const sum = exps.reduce((s, v) => s + v, 0);
    for (let i = 0; i < width; i++)
      delta[b * width + i] = (exps[i]! / sum - weight * y[b * width + i]! - smoothing) / samples;
  }
  return delta;
}

const smoothingOf = (loss: FloatLoss) =>
  typeof loss === 'object' && 'labelSmoothing' in loss ? loss.labelSmoothing : 0;

/** The derivative of one entry's loss, z and its label given. */
function residualSlope(loss: FloatLoss): (z: number, y: number) => number {
  if (labelsOf(loss) === 'bits') {
    const smoothing = smoothingOf(loss);
    return (z, y) => 1 / (1 + Math.exp(-z)) - (1 - smoothing) * y - smoothing / 2;
  }
  if (loss === 'meanAbsoluteError') return (z, y) => Math.sign(z - y);
  if (typeof loss === 'object' && 'delta' in loss) {
    return (z, y) => Math.min(Math.max(z - y, -loss.delta), loss.delta);
  }
  return (z, y) => 2 * (z - y);
}

/** The gradient of a layer with that of its L2 penalties. */
function penalised(layer: Dense, h: Float64Array, delta: Float64Array, samples: number): LayerGradient {
  const gradient = layerGradient(layer, h, delta, samples);
  const { kernel = 0, bias = 0 } = layer.l2 ?? {};
  gradient.kernel.forEach((g, i) => {
    gradient.kernel[i] = g + 2 * kernel * layer.kernel[i]!;
  });
  gradient.biases.forEach((g, i) => {
    gradient.biases[i] = g + 2 * bias * layer.biases![i]!;
  });
  return gradient;
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
  slopes: Float64Array,
  delta: Float64Array,
  samples: number,
): Float64Array {
  const below = new Float64Array(samples * inputs);
  for (let b = 0; b < samples; b++) {
    for (let j = 0; j < inputs; j++) {
      // Where a ReLU is off, nothing has to be summed.
      if (slopes[b * inputs + j] === 0) continue;
      let sum = 0;
      for (let i = 0; i < outputs; i++) sum += kernel[j * outputs + i]! * delta[b * outputs + i]!;
      below[b * inputs + j] = sum;
    }
  }
  if (adapter) addBackward(below, adapter, delta);
  multiply(below, slopes);
  return below;
}
