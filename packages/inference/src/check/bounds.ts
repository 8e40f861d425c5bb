import { activationName, type SgdSpec, weightScale } from '@proof-of-training/sgd-circuit';

/** How large a layer's values can become. Bits are of absolute values, as integers of the number format. */
export interface NodeBound {
  /** The rounding's node in the graph that is proven; `VALUE_RANGE` names it. */
  node: string;
  /** Which of the layer's outputs needs the most. */
  output: number;
  /** Of the sums before rounding. */
  rawBits: number;
  /** Of the rounded values, before a ReLU. */
  bits: number;
  /** What there is room for. */
  mostBits: number;
}

/** Worst-case growth over all inputs of a range. */
export interface ModelBounds {
  /** The range, as the model's inputs are before they are divided by the scale. */
  range: readonly [number, number];
  nodes: readonly NodeBound[];
  /** The node with the least room left. */
  worst: NodeBound;
  /** Whether no input of the range leaves a node's room. */
  fits: boolean;
  /** Whether no input at all that the number format holds does. */
  fitsAnyInput: boolean;
}

/** The range of a model's inputs: as `commitModel` takes it. */
export interface InputRange {
  inputRange?: readonly [number, number];
  inputScale?: number;
}

/** Bounds over the declared range, or over all inputs that the number format holds. */
export function modelBounds(
  spec: Pick<SgdSpec, 'layers' | 'scales' | 'xOffset'>,
  weights: BigInt64Array,
  { inputRange, inputScale = 1 }: InputRange,
): ModelBounds {
  const { a, b } = spec.scales;
  const cells = [-spec.xOffset, 2 ** b - 1 - spec.xOffset] as const;
  const any = nodeBounds(spec, weights, cells);
  const integer = (v: number) => Math.round((v / inputScale) * 2 ** a);
  const nodes = inputRange
    ? nodeBounds(spec, weights, [integer(inputRange[0]), integer(inputRange[1])])
    : any;
  const fits = (bounds: readonly NodeBound[]) => bounds.every(({ bits, mostBits }) => bits <= mostBits);
  const real = (v: number) => (v / 2 ** a) * inputScale;
  return {
    range: inputRange ?? [real(cells[0]), real(cells[1])],
    nodes,
    worst: nodes.reduce((w, n) => (n.mostBits - n.bits < w.mostBits - w.bits ? n : w)),
    fits: fits(nodes),
    fitsAnyInput: fits(any),
  };
}

/**
 * Bounds of each layer's values where every input, an integer, lies from `least` to `most`: interval arithmetic over the graph, with the
 * weights as they are. What is computed in doubles is widened by all that they round, so that no execution leaves a bound.
 * Values of a node that is too small for them are taken as its room behind it, since an execution ends there.
 */
export function nodeBounds(
  { layers, scales }: Pick<SgdSpec, 'layers' | 'scales'>,
  weights: BigInt64Array,
  [least, most]: readonly [number, number],
): NodeBound[] {
  let inputs: Interval[] = Array.from({ length: layers[0]!.inputs }, () => ({ low: least, high: most }));
  let at = 0;
  return layers.map((layer, l) => {
    const { inputs: width, outputs, activation, bias } = layer;
    const last = l === layers.length - 1;
    const kernel = weights.subarray(at, at + width * outputs);
    const summands = weights.subarray(at + kernel.length, at + kernel.length + (bias ? outputs : 0));
    at += kernel.length + summands.length;
    const unit = 2 ** weightScale(scales);
    const raw = Array.from({ length: outputs }, (_, o) => {
      const summand = bias ? Number(summands[o]!) * 2 ** scales.a : 0;
      return dot(kernel.subarray(o * width, (o + 1) * width), inputs, summand);
    });
    const rounded = raw.map(({ low, high }) => ({
      low: floor(low / unit),
      high: Math.floor(high / unit + 0.5),
    }));
    // What an activation bends has the room of hidden layers.
    const bent = !['relu', 'linear', 'softmax'].includes(activationName(activation));
    const half = last && !bent;
    const bits = rounded.map((r) => (half ? halfBits(r) : wideBits(r)));
    const output = bits.indexOf(Math.max(...bits));
    const mostBits = 2 * scales.b - (half ? 1 : 0);
    const [bottom, top] = [activation === 'relu' ? 0 : -(2 ** mostBits), 2 ** mostBits];
    const held = (v: number) => Math.min(top, Math.max(bottom, v));
    // A table's entries are in a limb; beyond it a function goes on as x, or stays.
    const table = bent ? 2 ** (scales.b - 1) : 0;
    inputs = rounded.map(({ low, high }) =>
      bent
        ? { low: Math.min(held(low), -table), high: Math.max(held(high), table) }
        : { low: held(low), high: held(high) },
    );
    const largest = Math.max(...raw.map(({ low, high }) => Math.max(-low, high)));
    return { node: `h${l}`, output, rawBits: bitsOf(largest), bits: bits[output]!, mostBits };
  });
}

interface Interval {
  low: number;
  high: number;
}

/** Where a sum of products lies, and a summand, whatever doubles round. */
function dot(row: BigInt64Array, inputs: readonly Interval[], summand: number): Interval {
  let [low, high, sum] = [summand, summand, Math.abs(summand)];
  for (let i = 0; i < row.length; i++) {
    const w = Number(row[i]!);
    const [first, second] = [w * inputs[i]!.low, w * inputs[i]!.high];
    low += Math.min(first, second);
    high += Math.max(first, second);
    sum += Math.max(Math.abs(first), Math.abs(second));
  }
  // Each weight, product and sum is rounded by 2^-53 of it at most.
  const error = sum * (row.length + 4) * 2 ** -51;
  return { low: low - error, high: high + error };
}

/** `floor(v + 1/2)`, or less where a double would round v up to the next integer. */
const floor = (v: number) => Math.floor(v + 0.5 - 2 ** -20);

/** Least n with `-2^n <= q < 2^n`, the room of a network's last values. */
const halfBits = ({ low, high }: Interval) => Math.max(bitsOf(-low), bitsOf(high + 1));
/** Least n with `-2^n < q <= 2^n`, the room of all others. */
const wideBits = ({ low, high }: Interval) => Math.max(bitsOf(1 - low), bitsOf(high));

/** Least n with `v <= 2^n`. */
function bitsOf(v: number): number {
  let n = 0;
  while (2 ** n < v) n++;
  return n;
}
