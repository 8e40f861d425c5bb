import {
  type Adapter,
  checkArgument,
  type FloatActivation,
  type FloatLoss,
  floatActivationSchema,
  floatLossSchema,
  type Layer,
  specSchema,
} from '@proof-of-training/sgd-circuit';
import { z } from 'zod';

/** One dense layer as plain numbers. */
export interface NetworkLayer extends Omit<Layer, 'activation'> {
  /** Its parameter is a real number: `{ name: 'elu', alpha: 1 }`. */
  activation: FloatActivation;
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
  loss: FloatLoss;
}

/**
 * A network, or what reads one: called when it is needed, and with the loss of the specification where the network's own plays no
 * part. What it throws as a `PotError` is part of a report.
 */
export type NetworkSource = NetworkWeights | ((loss?: FloatLoss) => NetworkWeights | Promise<NetworkWeights>);

const numbers = z.custom<ArrayLike<number>>(
  (v) => Array.isArray(v) || (ArrayBuffer.isView(v) && !(v instanceof DataView)),
  'must be an array or typed array of numbers',
);

const size = z.int().min(1);

const networkSchema = z.object({
  layers: z
    .array(
      z
        .object({
          ...specSchema.shape.layers.element.shape,
          activation: floatActivationSchema,
          name: z.string(),
          kernel: numbers,
          biases: numbers.optional(),
          adapter: z.object({ rank: size, alpha: size, A: numbers, B: numbers }).optional(),
        })
        .refine(hasItsNumbers, 'must have as many numbers as its shape says'),
    )
    .min(1),
  loss: floatLossSchema,
});

function hasItsNumbers({
  inputs,
  outputs,
  bias,
  kernel,
  biases,
  adapter,
}: Omit<NetworkLayer, 'name'>): boolean {
  const [rank, A, B] = adapter ? [adapter.rank, adapter.A.length, adapter.B.length] : [0, 0, 0];
  const right = kernel.length === inputs * outputs && (biases?.length ?? 0) === (bias ? outputs : 0);
  return right && A === rank * inputs && B === rank * outputs;
}

/**
 * The network of a source, which may be a stranger's: every layer is there, with all of its numbers.
 *
 * Errors: `OPTION_INVALID`; those of the source.
 */
export async function networkOf(source: NetworkSource, loss?: FloatLoss): Promise<NetworkWeights> {
  const network = typeof source === 'function' ? await source(loss) : source;
  checkArgument(networkSchema, network, 'verifyWeights', 'network');
  return network;
}
