import { briefly, invalid, unsupported } from '../errors.js';
import { reshaped } from '../folding.js';
import type { OnnxNode } from '../node.js';
import { MAX_AXES, type Tensor } from '../tensor.js';

/** `Identity` of a constant. */
export function identityOf(node: OnnxNode): Tensor {
  node.requireInputs(1);
  return node.tensor(0);
}

/** `Cast` of a constant to float or double, or of whole numbers to int64. */
export function castOf(node: OnnxNode): Tensor {
  node.requireInputs(1);
  node.ignored('saturate', 'round_mode');
  const { whole, ...tensor } = node.tensor(0);
  const to = node.integer('to', 0);
  if (to === 1 || to === 11) return tensor;
  if (to === 7 && whole) return { ...tensor, whole };
  throw unsupported(node.at, `a cast of a constant to type ${to}`);
}

/** `Reshape` of a constant. */
export function reshapeOf(node: OnnxNode): Tensor {
  node.requireInputs(2);
  const zeroStays = node.integer('allowzero', 0) === 0;
  const { shape, values } = node.tensor(0);
  const wanted = few(node, 1).map((d, i) => (d === 0 && zeroStays ? (shape[i] ?? -2) : d));
  const open = wanted.indexOf(-1);
  if (open >= 0) {
    const known = wanted.reduce((n, d, i) => (i === open ? n : n * d), 1);
    wanted[open] = known > 0 ? values.length / known : 0;
  }
  return reshaped(node, wanted);
}

/** `Flatten` of a constant: to a matrix. */
export function flattenOf(node: OnnxNode): Tensor {
  node.requireInputs(1);
  const { shape, values } = node.tensor(0);
  const given = node.integer('axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  if (axis < 0 || axis > shape.length) throw invalid(`${node.at}: axis ${given} of ${shape.length}`);
  const rows = shape.slice(0, axis).reduce((n, d) => n * d, 1);
  return reshaped(node, [rows, rows > 0 ? values.length / rows : 0]);
}

/** `Squeeze` of a constant: axes of 1 fall away. */
export function squeezeOf(node: OnnxNode): Tensor {
  node.requireInputs(1, 2);
  const { shape } = node.tensor(0);
  const axes = axesOf(node, shape.length) ?? shape.flatMap((d, i) => (d === 1 ? [i] : []));
  if (axes.some((axis) => shape[axis] !== 1)) throw invalid(`${node.at}: an axis that is not 1`);
  return reshaped(
    node,
    shape.filter((_, i) => !axes.includes(i)),
  );
}

/** `Unsqueeze` of a constant: new axes of 1. */
export function unsqueezeOf(node: OnnxNode): Tensor {
  node.requireInputs(1, 2);
  const shape = [...node.tensor(0).shape];
  const count = node.given[1] === undefined ? (node.integers('axes')?.length ?? 0) : few(node, 1).length;
  const axes = axesOf(node, shape.length + count);
  if (!axes) throw invalid(`${node.at}: it has no axes`);
  for (const axis of [...axes].sort((a, b) => a - b)) shape.splice(axis, 0, 1);
  return reshaped(node, shape);
}

/** Of an attribute until version 12, of an input since: each once. Errors: `ONNX_INVALID`. */
function axesOf(node: OnnxNode, rank: number): number[] | undefined {
  const given = node.given[1] === undefined ? node.integers('axes') : few(node, 1);
  if (given && given.length > MAX_AXES) throw invalid(`${node.at}: ${given.length} axes`);
  const axes = given?.map((axis) => (axis < 0 ? axis + rank : axis));
  const sound = axes?.every((axis) => Number.isSafeInteger(axis) && axis >= 0 && axis < rank) ?? true;
  if (!sound || new Set(axes).size !== (axes?.length ?? 0))
    throw invalid(`${node.at}: axes ${briefly(given ?? [])}`);
  return axes;
}

/** A constant that says something of each axis. Errors: `ONNX_INVALID`, before a list of it is made. */
function few(node: OnnxNode, index: number): number[] {
  const { values } = node.tensor(index);
  if (values.length > MAX_AXES) throw invalid(`${node.at}: ${values.length} axes`);
  return [...values];
}
