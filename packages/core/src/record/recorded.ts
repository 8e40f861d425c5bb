import type { Adapter, FloatActivation, FloatLoss, Layer } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import type { L2 } from './regularizers.js';

/** A low-rank adapter's float weights: the layer's kernel, as `[outputs][inputs]`, becomes `W + (alpha/rank) B A`. */
export interface RecordedAdapter extends Adapter {
  /** `[rank][inputs]`, row by row. */
  A: Float32Array;
  /** `[outputs][rank]`, row by row. */
  B: Float32Array;
}

/** A dense layer's sizes, and what it computes: a parameter of an activation is a real number. */
export interface RecordedShape extends Omit<Layer, 'activation'> {
  activation: FloatActivation;
}

/** One dense layer's float weights, copied out of the framework. */
export interface RecordedLayer extends RecordedShape {
  /** The framework's name, used in errors and reports. */
  name: string;
  /** `[inputs][outputs]`, row by row, as TensorFlow.js keeps it. */
  kernel: Float32Array;
  /** `biases[i]` of output i; absent without bias. */
  biases?: Float32Array;
  /** Where the layer has one. If any layer of a model has one, kernels and biases of all layers are frozen. */
  adapter?: RecordedAdapter;
  /** L2 penalties of what is trained. */
  l2?: L2;
}

/** A model at one moment: what `recordModel` makes, and what stays when training goes on. */
export interface RecordedModel {
  kind: 'recorded';
  layers: RecordedLayer[];
  loss: FloatLoss;
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
  activations?: readonly FloatActivation[];
  /**
   * Default: softmaxCrossEntropy only if the last of `activations` is softmax, else meanSquaredError. Where a model is compiled with a
   * loss, this one counts: `{ name: 'huber', delta: 2 }` is how a delta or a labelSmoothing other than the default is said.
   */
  loss?: FloatLoss;
}

/** Anything that weights can be read from. */
export type ModelSource = LayersModel | RecordedModel | readonly NamedWeights[];
