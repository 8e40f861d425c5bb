import { PotError, shown } from '@proof-of-training/halo2-wasm';
import type { Tensor } from '@tensorflow/tfjs';

/** A dataset of tf.data: rows, or batches of rows, as tensors, numbers or arrays. */
export interface DatasetValues {
  forEachAsync(visit: (element: never) => void): Promise<void>;
  readonly size?: number | null;
}

/** Numbers with their shape; undefined for a flat array, which has none. */
export interface Values {
  values: Float32Array;
  shape: number[] | undefined;
}

/** Values of a dataset that are collected at most: 1 GiB of floats. */
const MAX_COLLECTED = 1 << 28;

/**
 * Copies numbers out of a tensor, rows, a flat array or a dataset. `width`: values a row, to tell a dataset's rows from
 * its batches.
 *
 * Errors: `DATA_TYPE` for anything but numbers and booleans; `DATA_SHAPE` for rows of several shapes; `DATA_DISPOSED`;
 * `DATA_TOO_LARGE` for a dataset without end.
 */
export async function readValues(source: unknown, name: string, width: number): Promise<Values> {
  if (isTensor(source)) return readTensor(source, name);
  if (isDataset(source)) return readDataset(source, name, width);
  return readArray(source, name);
}

function isTensor(v: unknown): v is Tensor {
  return typeof v === 'object' && v !== null && 'dataSync' in v && 'shape' in v;
}

function isDataset(v: unknown): v is DatasetValues {
  return typeof (v as { forEachAsync?: unknown } | null)?.forEachAsync === 'function';
}

async function readTensor(tensor: Tensor, name: string): Promise<Values> {
  if (tensor.isDisposed) {
    throw new PotError('DATA_DISPOSED', `the tensor ${name} is disposed`, {
      details: { tensor: name, shape: tensor.shape },
      hint: 'Give it before dispose(), or keep it in tf.tidy with tf.keep.',
    });
  }
  const { dtype } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw wrongType(name, `a tensor of dtype ${dtype}`);
  }
  return { values: Float32Array.from(await tensor.data()), shape: [...tensor.shape] };
}

function readArray(source: unknown, name: string): Values {
  if (ArrayBuffer.isView(source) && 'length' in source) {
    if (source instanceof BigInt64Array || source instanceof BigUint64Array) {
      throw wrongType(name, 'an array of bigints');
    }
    return { values: Float32Array.from(source as unknown as ArrayLike<number>), shape: undefined };
  }
  if (!Array.isArray(source)) throw wrongType(name, shown(source));
  const out: number[] = [];
  const shape = visit(source, name, out);
  return { values: Float32Array.from(out), shape: shape.length > 1 ? shape : undefined };
}

/** Appends an array's numbers to `out`; gives its shape. */
function visit(value: unknown, name: string, out: number[]): number[] {
  if (typeof value === 'number' || typeof value === 'boolean') {
    out.push(Number(value));
    return [];
  }
  const view = ArrayBuffer.isView(value) && 'length' in value;
  if (!Array.isArray(value) && !view) throw wrongType(name, shown(value));
  const rows = value as ArrayLike<unknown>;
  let first: number[] | undefined;
  for (let i = 0; i < rows.length; i++) {
    const shape = visit(rows[i], `${name}[${i}]`, out);
    first ??= shape;
    if (shape.join() === first.join()) continue;
    throw new PotError(
      'DATA_SHAPE',
      `${name} is ragged: ${name}[0] is [${first}], ${name}[${i}] is [${shape}]`,
      {
        details: { name, first, other: shape, row: i },
        hint: 'All rows have one shape.',
      },
    );
  }
  return [rows.length, ...(first ?? [])];
}

async function readDataset(dataset: DatasetValues, name: string, width: number): Promise<Values> {
  const endless = () =>
    new PotError('DATA_TOO_LARGE', `the dataset ${name} has no end, or more than ${MAX_COLLECTED} values`, {
      hint: 'A run commits to all its data before it begins: give dataset.take(n), without repeat().',
    });
  if (dataset.size === Number.POSITIVE_INFINITY) throw endless();
  const parts: Promise<Values>[] = [];
  let count = 0;
  await dataset.forEachAsync((element: unknown) => {
    const part =
      typeof element === 'number' || typeof element === 'boolean'
        ? Promise.resolve({ values: Float32Array.of(Number(element)), shape: [] })
        : isTensor(element)
          ? readTensor(element, name).finally(() => element.dispose())
          : Promise.resolve(rowOf(element, name));
    part.catch(() => {});
    parts.push(part);
    count += isTensor(element) ? element.size : width;
    if (count > MAX_COLLECTED) throw endless();
  });
  const read = await Promise.all(parts);
  const size = (shape: readonly number[]) => shape.reduce((p, n) => p * n, 1);
  let rows = 0;
  for (const { values, shape } of read) {
    const batched = shape!.length > 0 && size(shape!.slice(1)) === width && values.length !== width;
    if (!batched && values.length !== width) {
      throw new PotError('DATA_SHAPE', `the dataset ${name} gives [${shape}], a row has ${width} values`, {
        details: { name, shape, width },
      });
    }
    rows += values.length / width;
  }
  const values = new Float32Array(rows * width);
  let at = 0;
  for (const part of read) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { values, shape: [rows, width] };
}

function rowOf(element: unknown, name: string): Values {
  const { values, shape } = readArray(element, name);
  return { values, shape: shape ?? [values.length] };
}

function wrongType(name: string, found: string): PotError {
  return new PotError('DATA_TYPE', `${name} must be numbers, not ${found}`, {
    details: { name },
    hint: 'Give a tensor (float32, int32, bool), rows of numbers, a flat array of numbers, or a tf.data dataset of these.',
  });
}
