import { bent, type Chain, type Piece } from '../chain.js';
import { invalid, unsupported } from '../errors.js';
import { type OnnxNode, perFeature } from '../node.js';

/** `LeakyRelu`: `max(0, x) - alpha max(0, -x)`. */
export function leakyRelu(node: OnnxNode): Chain {
  node.requireInputs(1);
  return leaking(node, node.number('alpha', 0.01));
}

/** `PRelu`: the same with a slope that is a constant, of each feature. */
export function pRelu(node: OnnxNode): Chain {
  node.requireInputs(2);
  return leaking(node, perFeature(node.tensor(1), node.chain().width, node.at));
}

/** `Abs`: `max(0, x) + max(0, -x)`. */
export function abs(node: OnnxNode): Chain {
  node.requireInputs(1);
  return leaking(node, -1);
}

/** `Clip`: from a constant to a constant, either of which may be left out. */
export function clip(node: OnnxNode): Chain {
  node.requireInputs(1, 3);
  const [least, most] =
    node.opset < 11
      ? [node.number('min', -LARGEST), node.number('max', LARGEST)]
      : [bound(node, 1, -LARGEST), bound(node, 2, LARGEST)];
  if (!(least <= most)) throw invalid(`${node.at}: no range from ${least} to ${most}`);
  return between(node, least, most);
}

/** A bound that is one number. Errors: `ONNX_UNSUPPORTED`. */
function bound(node: OnnxNode, index: number, otherwise: number): number {
  if (node.given[index] === undefined) return otherwise;
  const { values } = node.tensor(index);
  if (values.length === 1) return values[0]!;
  throw unsupported(node.at, `${values.length} numbers as one bound`);
}

/** `HardSigmoid`: `alpha x + beta`, from 0 to 1. */
export function hardSigmoid(node: OnnxNode): Chain {
  node.requireInputs(1);
  const [alpha, beta] = [node.number('alpha', 0.2), node.number('beta', 0.5)];
  const every = filled(node);
  return bent(
    node.chain(),
    every(0),
    [
      { scale: every(alpha), shift: every(beta), weight: every(1) },
      { scale: every(alpha), shift: every(beta - 1), weight: every(-1) },
    ],
    node,
  );
}

/** What is as large bounds nothing: no number format holds it. */
const LARGEST = 1e30;

const filled = (node: OnnxNode) => (v: number) => new Float64Array(node.chain().width).fill(v);

/** `max(0, x) - slope max(0, -x)`. */
function leaking(node: OnnxNode, slope: number | Float64Array): Chain {
  const every = filled(node);
  const slopes = typeof slope === 'number' ? every(slope) : slope;
  return bent(
    node.chain(),
    every(0),
    [
      { scale: every(1), shift: every(0), weight: every(1) },
      { scale: every(-1), shift: every(0), weight: slopes.map((v) => -v) },
    ],
    node,
  );
}

/** `least + max(0, x - least) - max(0, x - most)`, and with one bound alone the like. */
function between(node: OnnxNode, least: number, most: number): Chain {
  const every = filled(node);
  const piece = (scale: number, shift: number, weight: number): Piece => ({
    scale: every(scale),
    shift: every(shift),
    weight: every(weight),
  });
  const [below, above] = [least > -LARGEST, most < LARGEST];
  if (!below && !above) return node.chain();
  if (!below) return bent(node.chain(), every(most), [piece(-1, most, -1)], node);
  if (!above) return bent(node.chain(), every(least), [piece(1, -least, 1)], node);
  return bent(node.chain(), every(least), [piece(1, -least, 1), piece(1, -most, -1)], node);
}
