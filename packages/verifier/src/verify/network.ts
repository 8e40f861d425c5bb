import type { Adapter, Layer, Loss } from '@proof-of-training/sgd-circuit';

/** One dense layer as plain numbers. */
export interface NetworkLayer extends Layer {
  /** Used in errors and reports. */
  name: string;
  /** `[inputs][outputs]`, row by row. */
  kernel: ArrayLike<number>;
  /** `biases[i]` of output i; absent without bias. */
  biases?: ArrayLike<number>;
  /** Where the layer has one: A `[rank][inputs]`, B `[outputs][rank]`, row by row. */
  adapter?: Adapter & { A: ArrayLike<number>; B: ArrayLike<number> };
}

/**
 * A network with its weights as plain numbers, of whichever framework: arrays or typed arrays.
 *
 * @example
 * const layer = { name: 'dense', inputs: 4, outputs: 3, bias: true, activation: 'softmax', kernel, biases };
 * const network = { layers: [layer], loss: 'softmaxCrossEntropy' };
 */
export interface NetworkWeights {
  layers: readonly NetworkLayer[];
  loss: Loss;
}

/**
 * A network, or what reads one: called when it is needed, and with the loss of the specification where the network's own plays no
 * part. What it throws as a `PotError` is part of a report.
 */
export type NetworkSource = NetworkWeights | ((loss?: Loss) => NetworkWeights | Promise<NetworkWeights>);

/** The network of a source. */
export async function networkOf(source: NetworkSource, loss?: Loss): Promise<NetworkWeights> {
  return typeof source === 'function' ? source(loss) : source;
}
