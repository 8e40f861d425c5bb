import type { Loss } from '@proof-of-training/sgd-circuit';
import type { Tensor } from '@tensorflow/tfjs';
import { PotError } from 'halo2-wasm';

/** Values with samples in the first dimension: a tensor, rows, or a flat array. */
export type BatchValues =
  | Tensor
  | ArrayLike<number>
  | readonly (ArrayLike<number> | readonly ArrayLike<number>[])[];

/** One batch as the training step took it. */
export interface Batch {
  xs: BatchValues;
  /** One-hot rows, class numbers (softmax cross-entropy), or targets (mean squared error). */
  ys: BatchValues;
}

/** A batch as flat floats: `x` `[samples][inputs]`, `y` `[samples][outputs]`. */
export interface RecordedBatch {
  x: Float32Array;
  y: Float32Array;
  samples: number;
}

/**
 * Copies a batch out of the framework.
 *
 * Errors: `DATA_SHAPE` where the values are no rows of the network's widths; `LABELS_NOT_ONE_HOT` for a class
 * number that does not exist.
 */
export async function recordBatch(
  batch: Batch,
  inputs: number,
  outputs: number,
  loss: Loss,
): Promise<RecordedBatch> {
  const x = await flat(batch.xs);
  const samples = rows(x, inputs, 'xs');
  let y = await flat(batch.ys);
  if (loss === 'softmaxCrossEntropy' && y.length === samples && outputs > 1) y = oneHot(y, outputs);
  if (rows(y, outputs, 'ys') !== samples) {
    throw new PotError('DATA_SHAPE', `xs has ${samples} samples, ys has ${y.length / outputs}`);
  }
  return { x, y, samples };
}

async function flat(values: BatchValues): Promise<Float32Array> {
  if ('dataSync' in values) return Float32Array.from(await values.data());
  if (ArrayBuffer.isView(values)) return Float32Array.from(values as unknown as ArrayLike<number>);
  const out: number[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'number') out.push(value);
    else for (const v of Array.from(value as ArrayLike<unknown>)) visit(v);
  };
  visit(values);
  return Float32Array.from(out);
}

function rows(values: Float32Array, width: number, name: string): number {
  if (values.length === 0 || values.length % width !== 0) {
    throw new PotError('DATA_SHAPE', `${name}: ${values.length} values are no rows of ${width}`);
  }
  return values.length / width;
}

function oneHot(classes: Float32Array, outputs: number): Float32Array {
  const y = new Float32Array(classes.length * outputs);
  classes.forEach((c, row) => {
    if (!Number.isInteger(c) || c < 0 || c >= outputs) {
      throw new PotError('LABELS_NOT_ONE_HOT', `ys: row ${row} is no class number below ${outputs}`);
    }
    y[row * outputs + c] = 1;
  });
  return y;
}
