import { briefly, invalid, unsupported } from './errors.js';
import type { OnnxNode } from './node.js';
import { MAX_AXES, type Tensor } from './tensor.js';

/** Multiplications of a product that count as one entry. */
const WORK = 8;

/** Of two constants entry by entry, as NumPy broadcasts. Errors: `ONNX_UNSUPPORTED`, `ONNX_INVALID`. */
export function entrywise(node: OnnxNode, compute: (a: number, b: number) => number): Tensor {
  node.requireInputs(2);
  const [a, b] = [real(node, 0), real(node, 1)];
  const rank = Math.max(a.shape.length, b.shape.length);
  const [first, second] = [a, b].map(({ shape }) => [...Array(rank - shape.length).fill(1), ...shape]);
  const shape = first!.map((d, i) => {
    const other = second![i]!;
    if (d !== other && d !== 1 && other !== 1) throw invalid(`${node.at}: its constants do not fit together`);
    return d === 1 ? other : d;
  });
  const entries = sized(node, shape);
  const [left, right] = [strides(first!), strides(second!)];
  const values = new Float64Array(entries);
  forEach(shape, (index, at) => {
    values[at] = compute(a.values[place(index, left)]!, b.values[place(index, right)]!);
  });
  return finite(node, shape, values);
}

/** Of each entry. Errors: as {@link entrywise}. */
export function eachEntry(node: OnnxNode, compute: (v: number) => number): Tensor {
  node.requireInputs(1);
  const { shape, values } = real(node, 0);
  sized(node, shape);
  return finite(node, shape, values.map(compute));
}

/** The product of two matrices. Errors: as {@link entrywise}. */
export function product(node: OnnxNode): Tensor {
  node.requireInputs(2);
  const [a, b] = [real(node, 0), real(node, 1)];
  const [[rows, inner], [other, columns]] = [a.shape, b.shape] as [number[], number[]];
  if (a.shape.length !== 2 || b.shape.length !== 2 || inner !== other) {
    throw unsupported(node.at, `a product of constants of the shapes [${a.shape}] and [${b.shape}]`);
  }
  node.spend((rows! * inner! * columns!) / WORK);
  const values = new Float64Array(sized(node, [rows!, columns!]));
  for (let r = 0; r < rows!; r++) {
    for (let i = 0; i < inner!; i++) {
      const v = a.values[r * inner! + i]!;
      for (let c = 0; c < columns!; c++) values[r * columns! + c]! += v * b.values[i * columns! + c]!;
    }
  }
  return finite(node, [rows!, columns!], values);
}

/** Axes in another order; default: reversed. Errors: `ONNX_INVALID`. */
export function transposed(node: OnnxNode): Tensor {
  node.requireInputs(1);
  const given = node.tensor(0);
  const rank = given.shape.length;
  const axes = node.integers('perm') ?? given.shape.map((_, i) => rank - 1 - i);
  if (axes.length !== rank || [...axes].sort((x, y) => x - y).some((axis, i) => axis !== i)) {
    throw invalid(`${node.at}: perm is no order of ${rank} axes`);
  }
  const steps = stepsOf(given.shape);
  const shape = axes.map((axis) => given.shape[axis]!);
  const values = new Float64Array(sized(node, shape));
  forEach(shape, (index, at) => {
    values[at] = given.values[index.reduce((sum, v, i) => sum + v * steps[axes[i]!]!, 0)]!;
  });
  return { ...given, name: nameOf(node), shape, values };
}

/** The same entries in another shape. Errors: `ONNX_INVALID`. */
export function reshaped(node: OnnxNode, shape: readonly number[]): Tensor {
  const given = node.tensor(0);
  const sound = shape.length <= MAX_AXES && shape.every((d) => Number.isSafeInteger(d) && d >= 0);
  if (!sound || shape.reduce((n, d) => n * d, 1) !== given.values.length) {
    throw invalid(`${node.at}: ${given.values.length} values have not the shape ${briefly(shape)}`);
  }
  return { ...given, name: nameOf(node), shape: [...shape] };
}

const nameOf = (node: OnnxNode) => node.proto.output[0] ?? '';

/** A constant that is no integer by its type: divisions of those are others. */
function real(node: OnnxNode, index: number): Tensor {
  const tensor = node.tensor(index);
  if (tensor.whole) throw unsupported(node.at, 'arithmetic of integers that are constants');
  return tensor;
}

function sized(node: OnnxNode, shape: readonly number[]): number {
  const entries = shape.reduce((n, d) => n * d, 1);
  node.spend(entries);
  return entries;
}

function finite(node: OnnxNode, shape: number[], values: Float64Array): Tensor {
  if (!values.every(Number.isFinite)) throw unsupported(node.at, 'what it makes of constants is not finite');
  return { name: nameOf(node), shape, values };
}

/** Entries from one index of each axis to the next. */
function stepsOf(shape: readonly number[]): number[] {
  return shape.map((_, i) => shape.slice(i + 1).reduce((n, d) => n * d, 1));
}

/** The same, 0 along axes that are repeated. */
function strides(shape: readonly number[]): number[] {
  return stepsOf(shape).map((step, i) => (shape[i] === 1 ? 0 : step));
}

const place = (index: readonly number[], steps: readonly number[]) =>
  index.reduce((sum, v, i) => sum + v * steps[i]!, 0);

/** Each index of a shape in its order, and its number. */
function forEach(shape: readonly number[], visit: (index: readonly number[], at: number) => void): void {
  const entries = shape.reduce((n, d) => n * d, 1);
  const index = shape.map(() => 0);
  for (let at = 0; at < entries; at++) {
    visit(index, at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}
