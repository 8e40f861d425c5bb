import { unsupported } from './errors.js';
import type { Forest } from './forest.js';

/** One dense layer: kernel `[outputs][inputs]`, row by row. */
export interface DenseLayer {
  inputs: number;
  outputs: number;
  kernel: Float64Array;
  bias: Float64Array;
  relu: boolean;
}

/** A product whose outputs are `factor (kernel x) + bias`, feature by feature: kernels are multiplied once, when all is read. */
type Product = Omit<DenseLayer, 'relu'> & { factor: Float64Array };

/** What may stand behind the last layer: what is proven stands before it. */
export type Last = 'softmax' | 'logSoftmax' | 'sigmoid';

/** What a value of the model is: dense layers on the input, behind them what is not yet part of one. All in double precision. */
export interface Chain {
  /** Features of a sample. */
  width: number;
  layers: readonly (Product & { relu: boolean })[];
  /** One that may still get factors and summands. */
  open?: Product;
  /**
   * Before the next product: a feature is its shift, and the sum of its parts by their factors. The last layer has the first part of all
   * features, then the second of all; there is one unless an activation was made of several ReLUs.
   */
  scale?: Float64Array;
  shift?: Float64Array;
  /** Trees on the input, in place of layers. */
  forest?: Forest;
  /** What stands behind all. */
  last?: Last;
}

/** Who makes a chain longer: the node, and what counts the weights that it takes, before they are made. */
export interface Maker {
  at: string;
  spend(entries: number): void;
}

/** Weights of a product that only hands features on. */
const MAX_IDENTITY = 2 ** 24;

/** The model's input. */
export function inputChain(width: number): Chain {
  return { width, layers: [] };
}

/** Errors: `ONNX_UNSUPPORTED`: behind a softmax nothing is computed in the circuit. */
export function requireOpen(chain: Chain, at: string): void {
  if (chain.last)
    throw unsupported(at, `it stands behind a ${chain.last}`, 'Name the output of that as the one to prove.');
  if (chain.forest) throw unsupported(at, 'it stands behind trees', 'Name their output as the one to prove.');
}

/** Trees that ask the model's input, and what stands behind their scores. Errors: `ONNX_UNSUPPORTED` where anything stands before them. */
export function planted(
  chain: Chain,
  grown: (features: number) => Forest,
  last: Last | undefined,
  at: string,
): Chain {
  const before =
    chain.layers.length > 0 || chain.open || chain.scale || chain.shift || chain.forest || chain.last;
  if (before) throw unsupported(at, 'trees behind other operators: trees ask the input itself');
  const forest = grown(chain.width);
  return { width: forest.outputs, layers: [], forest, ...(last && { last }) };
}

/** `x W`, W of shape [width][outputs]: what is done to each feature before goes into it. */
export function times(chain: Chain, weights: Float64Array, outputs: number, at: string): Chain {
  requireOpen(chain, at);
  const before = closed(chain, false);
  const { width } = before;
  const inputs = before.scale?.length ?? width;
  const kernel = new Float64Array(outputs * inputs);
  const bias = new Float64Array(outputs);
  for (let i = 0; i < inputs; i++) {
    const [feature, scale] = [i % width, before.scale?.[i] ?? 1];
    // Of a feature in parts once.
    const shift = i < width ? (before.shift?.[feature] ?? 0) : 0;
    for (let o = 0; o < outputs; o++) {
      const w = weights[feature * outputs + o]!;
      kernel[o * inputs + i] = scale * w;
      bias[o]! += shift * w;
    }
  }
  return {
    width: outputs,
    layers: before.layers,
    open: { inputs, outputs, kernel, bias, factor: new Float64Array(outputs).fill(1) },
  };
}

/** Adds one number to each feature of all samples. */
export function plus(chain: Chain, summand: Float64Array, at: string): Chain {
  requireOpen(chain, at);
  if (!chain.open) return { ...chain, shift: summand.map((v, i) => v + (chain.shift?.[i] ?? 0)) };
  return { ...chain, open: { ...chain.open, bias: chain.open.bias.map((v, i) => v + summand[i]!) } };
}

/** Multiplies each feature with a number. */
export function scaled(chain: Chain, factor: Float64Array, at: string): Chain {
  // Converters write products with 1.
  if (factor.every((v) => v === 1)) return chain;
  requireOpen(chain, at);
  if (!chain.open) {
    const shift = chain.shift && { shift: chain.shift.map((v, i) => v * factor[i]!) };
    const scale = chain.scale?.map((v, i) => v * factor[i % chain.width]!) ?? factor;
    return { ...chain, scale, ...shift };
  }
  const [own, bias] = [chain.open.factor, chain.open.bias].map((of) => of.map((v, i) => v * factor[i]!));
  return { ...chain, open: { ...chain.open, factor: own!, bias: bias! } };
}

/** ReLU of each feature. Errors: `ONNX_UNSUPPORTED`. */
export function rectified(chain: Chain, maker: Maker): Chain {
  requireOpen(chain, maker.at);
  return closed(opened(chain, maker), true);
}

/** One ReLU of an activation that is made of several: `weight max(0, scale x + shift)`, by feature. */
export interface Piece {
  scale: Float64Array;
  shift: Float64Array;
  weight: Float64Array;
}

/** An activation that bends at some places: a constant, and the sum of some ReLUs. Errors: `ONNX_UNSUPPORTED`. */
export function bent(chain: Chain, constant: Float64Array, pieces: readonly Piece[], maker: Maker): Chain {
  requireOpen(chain, maker.at);
  const { open, layers, width } = opened(chain, maker) as Chain & { open: Product };
  maker.spend(pieces.length * open.kernel.length);
  const joined = (part: (piece: Piece) => Float64Array) => {
    const out = new Float64Array(pieces.length * width);
    for (const [j, piece] of pieces.entries()) out.set(part(piece), j * width);
    return out;
  };
  const kernel = new Float64Array(pieces.length * open.kernel.length);
  for (let j = 0; j < pieces.length; j++) kernel.set(open.kernel, j * open.kernel.length);
  const layer = {
    inputs: open.inputs,
    outputs: pieces.length * width,
    kernel,
    factor: joined(({ scale }) => scale.map((v, i) => v * open.factor[i]!)),
    bias: joined(({ scale, shift }) => scale.map((v, i) => v * open.bias[i]! + shift[i]!)),
    relu: true,
  };
  return { width, layers: [...layers, layer], scale: joined(({ weight }) => weight), shift: constant };
}

/** Errors: `ONNX_UNSUPPORTED`. */
export function softened(chain: Chain, last: Last, maker: Maker): Chain {
  return { ...finished(chain, maker), last };
}

/** One less a sigmoid, which is the sigmoid of the opposite score. Only of a chain that ends with one. */
export function complement(chain: Chain): Chain {
  const end = chain.layers[chain.layers.length - 1]!;
  const [factor, bias] = [end.factor, end.bias].map((of) => of.map((v) => -v));
  return { ...chain, layers: [...chain.layers.slice(0, -1), { ...end, factor: factor!, bias: bias! }] };
}

/** Features of several values side by side: of products of the same features, or of sigmoids of such. Errors: `ONNX_UNSUPPORTED`. */
export function joined(chains: readonly Chain[], maker: Maker): Chain {
  const parts = chains.map(({ last, layers, open }) =>
    last ? { before: layers.slice(0, -1), end: layers[layers.length - 1]! } : { before: layers, end: open },
  );
  const [{ last }, { before, end: first }] = [chains[0]!, parts[0]!];
  const ends = parts.flatMap(({ end }) => end ?? []);
  const alike =
    (last === undefined || last === 'sigmoid') &&
    chains.every((chain) => chain.last === last) &&
    parts.every(
      (p) => p.before.length === before.length && p.before.every((layer, i) => layer === before[i]),
    );
  if (!first || !alike || ends.length < parts.length || ends.some((e) => e.inputs !== first.inputs)) {
    throw unsupported(maker.at, 'it joins values that are no products of the same features');
  }
  const width = ends.reduce((n, { outputs }) => n + outputs, 0);
  maker.spend(width * first.inputs);
  const flat = (of: (end: Product) => Float64Array) => {
    const out = new Float64Array(ends.reduce((n, end) => n + of(end).length, 0));
    ends.reduce((at, end) => {
      out.set(of(end), at);
      return at + of(end).length;
    }, 0);
    return out;
  };
  const end: Product = {
    inputs: first.inputs,
    outputs: width,
    kernel: flat((e) => e.kernel),
    bias: flat((e) => e.bias),
    factor: flat((e) => e.factor),
  };
  if (!last) return { width, layers: before, open: end };
  return { width, layers: [...before, { ...end, relu: false }], last };
}

/** The chain with its last layer complete. Errors: `ONNX_UNSUPPORTED` where nothing is computed. */
export function finished(chain: Chain, maker: Maker): Chain {
  requireOpen(chain, maker.at);
  const nothing = !chain.open && chain.layers.length === 0 && !chain.scale && !chain.shift;
  if (nothing) throw unsupported(maker.at, 'it is the input itself', 'A layer must stand before it.');
  return closed(opened(chain, maker), false);
}

/** With a product that may get summands: one that hands each feature on where there is none. */
function opened(chain: Chain, { at, spend }: Maker): Chain {
  if (chain.open) return chain;
  const { width } = chain;
  const entries = width * (chain.scale?.length ?? width);
  if (entries > MAX_IDENTITY) {
    throw unsupported(at, `no product stands before it, and one of ${width} features is too large`);
  }
  spend(entries);
  const identity = new Float64Array(width * width);
  for (let i = 0; i < width; i++) identity[i * width + i] = 1;
  return times(chain, identity, width, at);
}

/** The layers of a chain that is complete. */
export function layersOf({ layers }: Chain): DenseLayer[] {
  return layers.map(({ factor, kernel, ...layer }) => {
    return { ...layer, kernel: kernel.map((v, i) => v * factor[Math.floor(i / layer.inputs)]!) };
  });
}

function closed(chain: Chain, relu: boolean): Chain {
  const { open, ...rest } = chain;
  return open ? { ...rest, layers: [...chain.layers, relu ? { ...open, relu } : linear(open)] } : chain;
}

/** One layer for each product, so that values which are made of it are known to be. */
function linear(open: Product): Product & { relu: boolean } {
  const layer = LINEAR.get(open) ?? { ...open, relu: false };
  LINEAR.set(open, layer);
  return layer;
}

const LINEAR = new WeakMap<Product, Product & { relu: boolean }>();
