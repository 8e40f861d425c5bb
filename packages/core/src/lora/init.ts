import { PotError } from '@proof-of-training/halo2-wasm';
import type { Initializer } from '@proof-of-training/verifier/run';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from './loraDense.js';

/** First values of one adapter: A `[rank][inputs]` and B `[outputs][rank]`, row by row; B is zero by default. */
export interface AdapterValues {
  A: ArrayLike<number>;
  B?: ArrayLike<number>;
}

/**
 * `kaiming`: A uniform in +-1/sqrt(inputs), that is kaiming_uniform with a = sqrt(5), the default of PEFT;
 * `gaussian`: A normal with deviation 1/rank; or values for each layer by its name.
 */
export type LoraInit = 'kaiming' | 'gaussian' | Readonly<Record<string, AdapterValues>>;

/** Sizes of an adapter. */
export interface AdapterSize {
  name: string;
  inputs: number;
  outputs: number;
  rank: number;
}

/**
 * First A and B of a layer as tensors.
 *
 * Errors: `LORA_INIT` (no values for this layer, or an unknown name), `WEIGHTS_SHAPE`, `VALUE_NOT_FINITE`.
 */
export function firstAdapter(tf: Tf, size: AdapterSize, init: LoraInit, seed?: number): [Tensor, Tensor] {
  const { name, inputs, outputs, rank } = size;
  const zeros = () => tf.zeros([outputs, rank]);
  if (init === 'kaiming') {
    const bound = 1 / Math.sqrt(inputs);
    return [tf.randomUniform([rank, inputs], -bound, bound, 'float32', seed), zeros()];
  }
  if (init === 'gaussian') return [tf.randomNormal([rank, inputs], 0, 1 / rank, 'float32', seed), zeros()];
  const values = typeof init === 'object' ? init[name] : undefined;
  if (!values) {
    const message =
      typeof init === 'object' ? `no first values for layer ${name}` : `there is no initialisation ${init}`;
    throw new PotError('LORA_INIT', message, {
      hint: "init is 'kaiming', 'gaussian', or { [layer]: { A, B } } for every layer that gets an adapter.",
    });
  }
  return adapterTensors(tf, size, { B: new Float32Array(outputs * rank), ...values });
}

/** How first values are made, there where they are random and B is zero: what a public seed can make in their place. */
export function initializerOf({ inputs, rank }: AdapterSize, init: LoraInit): Initializer | undefined {
  const bound = 1 / Math.sqrt(inputs);
  if (init === 'kaiming') return { kind: 'uniform', min: -bound, max: bound };
  if (init === 'gaussian') return { kind: 'normal', mean: 0, stddev: 1 / rank };
  return undefined;
}

/** A and B as tensors. Errors: `WEIGHTS_SHAPE`, `VALUE_NOT_FINITE`; each names the tensor. */
export function adapterTensors(
  tf: Tf,
  { name, inputs, outputs, rank }: AdapterSize,
  { A, B }: Required<AdapterValues>,
): [Tensor, Tensor] {
  const tensor = (values: ArrayLike<number>, shape: [number, number], which: string) => {
    const floats = Float32Array.from(values);
    if (floats.length !== shape[0] * shape[1]) {
      throw new PotError(
        'WEIGHTS_SHAPE',
        `${name}/${which} has ${floats.length} values, not ${shape.join(' x ')}`,
      );
    }
    if (!floats.every(Number.isFinite)) {
      throw new PotError('VALUE_NOT_FINITE', `${name}/${which} contains NaN or infinity`, {
        details: { tensor: `${name}/${which}` },
      });
    }
    return () => tf.tensor2d(floats, shape);
  };
  // Both are checked before a tensor is made, so that a refusal leaves none behind.
  const [a, b] = [tensor(A, [rank, inputs], 'lora_a'), tensor(B, [outputs, rank], 'lora_b')];
  return [a(), b()];
}
