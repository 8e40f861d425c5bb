import { PotError } from '@proof-of-training/halo2-wasm';
import type { LayersModel, Tensor } from '@tensorflow/tfjs';

type TfLayer = LayersModel['layers'][number];

/** Marks our own layers across copies of this package; a class name alone could be anyone's. */
export const LORA_DENSE: unique symbol = Symbol.for('proof-of-training/LoraDense') as never;

/** A weight of a layer, as TensorFlow.js keeps it. */
export interface LayerWeight {
  read(): Tensor;
  write(value: Tensor): unknown;
}

/** A dense layer with a frozen kernel and a trainable low-rank adapter (made by `applyLora`). */
export type LoraDense = TfLayer & {
  readonly [LORA_DENSE]: true;
  readonly units: number;
  readonly rank: number;
  readonly alpha: number;
  /** Whether the adapter has been added to the kernel: such a layer cannot be trained any more. */
  readonly merged: boolean;
  /** `[inputs, outputs]`, frozen; undefined before the layer is built. */
  readonly kernel?: LayerWeight;
  /** `[outputs]`, frozen. */
  readonly bias?: LayerWeight;
  /** A, `[rank, inputs]`. */
  readonly loraA?: LayerWeight;
  /** B, `[outputs, rank]`. */
  readonly loraB?: LayerWeight;
  /** Adds `(alpha/rank) B A` to the kernel, for inference without the adapter's cost. There is no way back. */
  merge(): void;
};

/** Whether a layer is one of ours. */
export function isLoraDense(layer: TfLayer): layer is LoraDense {
  return LORA_DENSE in layer;
}

/** `LORA_MERGED`, naming the layer. */
export function mergedError(name: string): PotError {
  return new PotError('LORA_MERGED', `the adapter of layer ${name} is merged into its kernel`, {
    details: { layer: name },
    hint: 'A merged adapter cannot be trained: use the model from before merge(), or mergeLora(model) for a plain model.',
  });
}
