import type { Activation, Adapter, Layer, Loss } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';

/** A low-rank adapter's float weights: the layer's kernel, as `[outputs][inputs]`, becomes `W + (alpha/rank) B A`. */
export interface RecordedAdapter extends Adapter {
  /** `[rank][inputs]`, row by row. */
  A: Float32Array;
  /** `[outputs][rank]`, row by row. */
  B: Float32Array;
}

/** One dense layer's float weights, copied out of the framework. */
export interface RecordedLayer extends Layer {
  /** The framework's name, used in errors and reports. */
  name: string;
  /** `[inputs][outputs]`, row by row, as TensorFlow.js keeps it. */
  kernel: Float32Array;
  /** `biases[i]` of output i; absent without bias. */
  biases?: Float32Array;
  /** Where the layer has one. If any layer of a model has one, kernels and biases of all layers are frozen. */
  adapter?: RecordedAdapter;
}

/** A model at one moment: what `recordModel` makes, and what stays when training goes on. */
export interface RecordedModel {
  kind: 'recorded';
  layers: RecordedLayer[];
  loss: Loss;
}

/** One named weight array: `dense/kernel` `[inputs, outputs]`, `dense/bias` `[outputs]`. */
export interface NamedWeights {
  name: string;
  shape: readonly number[];
  values: ArrayLike<number>;
}

/** What arrays do not say of themselves. */
export interface ArchitectureHints {
  /** One a dense layer; default: ReLU in hidden layers, what the loss needs in the last. */
  activations?: readonly Activation[];
  /** Default: softmaxCrossEntropy only if the last of `activations` is softmax, else meanSquaredError. */
  loss?: Loss;
}

/** Anything that weights can be read from. */
export type ModelSource = LayersModel | RecordedModel | readonly NamedWeights[];
