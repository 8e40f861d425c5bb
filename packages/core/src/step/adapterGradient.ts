import type { RecordedAdapter } from '../record/index.js';

/** Gradients of one adapter in double precision, laid out as the recorded one. */
export interface AdapterGradient {
  /** `[rank][inputs]` */
  A: Float64Array;
  /** `[outputs][rank]` */
  B: Float64Array;
}

/** Rows `[samples][width]` times a matrix `[rows][width]`, transposed: `[samples][rows]`. */
export function timesTransposed(
  values: Float64Array,
  matrix: ArrayLike<number>,
  width: number,
): Float64Array {
  const [samples, rows] = [values.length / width, matrix.length / width];
  const product = new Float64Array(samples * rows);
  for (let b = 0; b < samples; b++) {
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += values[b * width + j]! * matrix[r * width + j]!;
      product[b * rows + r] = sum;
    }
  }
  return product;
}

/** Rows `[samples][rows]` times a matrix `[rows][width]`: `[samples][width]`. */
export function times(values: Float64Array, matrix: ArrayLike<number>, width: number): Float64Array {
  const rows = matrix.length / width;
  const samples = values.length / rows;
  const product = new Float64Array(samples * width);
  for (let b = 0; b < samples; b++) {
    for (let r = 0; r < rows; r++) {
      const value = values[b * rows + r]!;
      if (value === 0) continue;
      for (let j = 0; j < width; j++) product[b * width + j]! += value * matrix[r * width + j]!;
    }
  }
  return product;
}

/** Adds `(alpha/rank) B (A h)` to a layer's pre-activations. */
export function addAdapter(z: Float64Array, adapter: RecordedAdapter, h: Float64Array): void {
  const { A, B, rank, alpha } = adapter;
  const low = timesTransposed(h, A, A.length / rank);
  const high = timesTransposed(low, B, rank);
  for (let n = 0; n < z.length; n++) z[n]! += (alpha / rank) * high[n]!;
}

/** Adds `(alpha/rank) A^T (B^T delta)` to the gradient with respect to a layer's input. */
export function addBackward(below: Float64Array, adapter: RecordedAdapter, delta: Float64Array): void {
  const { A, B, rank, alpha } = adapter;
  const high = times(times(delta, B, rank), A, A.length / rank);
  for (let n = 0; n < below.length; n++) below[n]! += (alpha / rank) * high[n]!;
}

/** The loss's gradient with respect to A and B, for a layer's input and the gradient with respect to its output. */
export function adapterGradient(
  { A, B, rank, alpha }: RecordedAdapter,
  h: Float64Array,
  delta: Float64Array,
): AdapterGradient {
  const [inputs, outputs] = [A.length / rank, B.length / rank];
  const low = timesTransposed(h, A, inputs);
  const back = times(delta, B, rank);
  const scale = alpha / rank;
  return {
    A: sumOfProducts(back, h, rank, inputs, scale),
    B: sumOfProducts(delta, low, outputs, rank, scale),
  };
}

/** `scale sum_b left_b right_b^T`, `[rows][columns]`. */
function sumOfProducts(
  left: Float64Array,
  right: Float64Array,
  rows: number,
  columns: number,
  scale: number,
): Float64Array {
  const sums = new Float64Array(rows * columns);
  for (let b = 0; b < left.length / rows; b++) {
    for (let i = 0; i < rows; i++) {
      const value = scale * left[b * rows + i]!;
      for (let j = 0; j < columns; j++) sums[i * columns + j]! += value * right[b * columns + j]!;
    }
  }
  return sums;
}
