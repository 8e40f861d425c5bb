import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { type FloatLoss, labelsOf } from '@proof-of-training/sgd-circuit';
import type { Tensor } from '@tensorflow/tfjs';
import { type DatasetValues, readValues, type Values } from './values.js';

/** Values with samples in the first dimension: a tensor, rows, a flat array, or a tf.data dataset. */
export type BatchValues =
  | Tensor
  | DatasetValues
  | ArrayLike<number>
  | readonly (ArrayLike<number> | readonly ArrayLike<number>[])[];

/** One batch as the training step took it. */
export interface Batch {
  xs: BatchValues;
  /** One-hot rows or class numbers (softmax cross-entropy), zeros and ones (binary cross-entropy), or targets. */
  ys: BatchValues;
}

/** What the caller calls the two parts of a batch: errors name them. */
export interface BatchNames {
  x: string;
  y: string;
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
 * Errors: `DATA_SHAPE`, with both shapes, where these are no rows of the network's widths (a tensor's shape counts, not
 * how many values it has); `DATA_TYPE`, `DATA_DISPOSED`, `DATA_TOO_LARGE`; `LABELS_NOT_ONE_HOT` for a class number that
 * does not exist. Each names what it is about as `names` has it.
 */
export async function recordBatch(
  batch: Batch,
  inputs: number,
  outputs: number,
  loss: FloatLoss,
  names: BatchNames = { x: 'xs', y: 'ys' },
): Promise<RecordedBatch> {
  const x = await readValues(batch.xs, names.x, inputs);
  const samples = rows(x, inputs, names.x);
  const classes = labelsOf(loss) === 'oneHot' && outputs > 1;
  const y = await readLabels(batch.ys, names.y, outputs, classes);
  if (classes && areClasses(y, samples)) {
    return { x: x.values, y: oneHot(y.values, outputs, names.y), samples };
  }
  const labels = rows(y, outputs, names.y);
  if (labels !== samples) {
    throw new PotError('DATA_SHAPE', `${names.x} has ${samples} samples, ${names.y} has ${labels}`, {
      details: { [names.x]: x.shape ?? [samples, inputs], [names.y]: y.shape ?? [labels, outputs] },
    });
  }
  return { x: x.values, y: y.values, samples };
}

/** Labels as rows; a dataset of class numbers has rows of one. */
async function readLabels(
  source: BatchValues,
  name: string,
  outputs: number,
  classes: boolean,
): Promise<Values> {
  try {
    return await readValues(source, name, outputs);
  } catch (e) {
    const scalars = isPotError(e, 'DATA_SHAPE') && typeof source === 'object' && 'forEachAsync' in source;
    if (classes && scalars) return readValues(source, name, 1);
    throw e;
  }
}

/** Samples in `read`. Errors: `DATA_SHAPE`, with both shapes. */
function rows({ values, shape }: Values, width: number, name: string): number {
  const fits = shape ? values.length === shape[0]! * width : values.length % width === 0;
  if (values.length > 0 && fits) return values.length / width;
  const found = shape ? `shape [${shape.join(', ')}]` : `${values.length} values`;
  throw new PotError(
    'DATA_SHAPE',
    `${name} has ${found}, the model takes rows of ${width}: [samples, ${width}]`,
    {
      details: { name, ...(shape && { shape }), values: values.length, width },
    },
  );
}

/** Whether these are class numbers: `[samples]` or `[samples, 1]`. */
function areClasses({ values, shape }: Values, samples: number): boolean {
  return values.length === samples && (shape === undefined || shape[0] === samples);
}

function oneHot(classes: Float32Array, outputs: number, name: string): Float32Array {
  const y = new Float32Array(classes.length * outputs);
  classes.forEach((c, row) => {
    if (!Number.isInteger(c) || c < 0 || c >= outputs) {
      throw new PotError('LABELS_NOT_ONE_HOT', `${name}: row ${row} is no class number below ${outputs}`);
    }
    y[row * outputs + c] = 1;
  });
  return y;
}
