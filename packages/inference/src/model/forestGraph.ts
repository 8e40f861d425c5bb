import { type GraphPredicate, PotError } from '@proof-of-training/halo2-wasm';
import { unsupported } from '../onnx/errors.js';
import type { Forest } from '../onnx/forest.js';

/**
 * Trees as integers. A feature is proven as its place among the thresholds that it is compared with: by how many of them it is beyond. So
 * every decision is the file's own, whatever the number; leaves' values are rounded to a fraction of 2^-bits.
 */
export interface ForestNumbers {
  /** Bits of a limb, which a feature's place fits. */
  limbBits: number;
  /** Fractional bits of the scores. */
  bits: number;
  /** Of each feature its thresholds, from the least on; one that says less stands before one that says at most. */
  cuts: Cut[][];
  thresholds: number[];
  leaves: number[];
}

interface Cut {
  threshold: number;
  strict: boolean;
}

/** Limbs of fewer bits make smaller tables; of more, thresholds of one feature have no room. */
const [LEAST_LIMB, MOST_LIMB] = [12, 16];
const [MOST_BITS, MOST_LEAF] = [24, 2 ** 40];

/** Errors: `ONNX_UNSUPPORTED` for more thresholds of a feature than a limb counts, `VALUE_OUT_OF_RANGE` for scores that no format holds. */
export function forestNumbers(forest: Forest, features: number): ForestNumbers {
  const cuts = cutsOf(forest, features);
  const most = Math.max(...cuts.map((of) => of.length));
  const limbBits = Math.max(LEAST_LIMB, Math.ceil(Math.log2(most + 1)));
  if (limbBits > MOST_LIMB)
    throw unsupported('trees', `${most} thresholds of one feature: up to ${2 ** MOST_LIMB - 1} are proven`);
  const places = cuts.map((of) => new Map(of.map((cut, i) => [keyOf(cut), i])));
  const thresholds = forest.children.map((child, i) =>
    child === 0
      ? 0
      : places[forest.features[i]!]!.get(
          keyOf({ threshold: forest.thresholds[i]!, strict: forest.strict[i]! }),
        )!,
  );
  for (let bits = MOST_BITS; bits >= 0; bits--) {
    // Never -0, which no graph has.
    const leaves = Array.from(forest.leaves, (v) => Math.round(v * 2 ** bits) + 0);
    const fits = leaves.every((v) => Math.abs(v) < MOST_LEAF);
    if (fits && largest(forest, leaves) <= 2 ** (2 * limbBits - 1))
      return { limbBits, bits, cuts, thresholds, leaves };
  }
  throw new PotError(
    'VALUE_OUT_OF_RANGE',
    `trees whose scores go beyond ${2 ** (2 * limbBits - 1)}: no format has room for them`,
  );
}

/** The least that holds every score: of each output the largest leaf of each tree, added up. */
function largest({ roots, children, targets, outputs }: Forest, leaves: readonly number[]): number {
  const values = targets.length / roots.length;
  const tree: number[] = [];
  roots.forEach((root, t) => {
    tree[root] = t;
  });
  const most = new Float64Array(targets.length);
  let leaf = 0;
  children.forEach((child, i) => {
    const t = tree[i]!;
    if (child !== 0) {
      tree[child] = t;
      tree[child + 1] = t;
      return;
    }
    for (let k = 0; k < values; k++) {
      const at = t * values + k;
      most[at] = Math.max(most[at]!, Math.abs(leaves[leaf * values + k]!));
    }
    leaf++;
  });
  const sums = new Float64Array(outputs);
  for (const [at, target] of targets.entries()) sums[target]! += most[at]!;
  return Math.max(...sums);
}

const keyOf = ({ threshold, strict }: Cut) => `${threshold} ${strict}`;
const before = (a: Cut, b: Cut) => a.threshold - b.threshold || Number(b.strict) - Number(a.strict);

function cutsOf({ children, features, thresholds, strict }: Forest, width: number): Cut[][] {
  const of = Array.from({ length: width }, () => new Map<string, Cut>());
  children.forEach((child, i) => {
    // Never -0, which is 0.
    const cut = { threshold: thresholds[i]! + 0, strict: strict[i]! };
    if (child !== 0) of[features[i]!]!.set(keyOf(cut), cut);
  });
  return of.map((cuts) => [...cuts.values()].sort(before));
}

/**
 * Inputs, `[sample][feature]`, as they are proven. They are of single precision first, as the file's are. Errors: `DATA_SHAPE`,
 * `VALUE_NOT_FINITE`.
 */
export function placesOf({ cuts }: ForestNumbers, inputs: ArrayLike<number>): BigInt64Array {
  const width = cuts.length;
  if (inputs.length === 0 || inputs.length % width !== 0)
    throw new PotError(
      'DATA_SHAPE',
      `${inputs.length} inputs: a whole number of samples of ${width} features`,
    );
  return BigInt64Array.from(inputs, (v, i) => {
    if (!Number.isFinite(v)) {
      throw new PotError('VALUE_NOT_FINITE', `input ${i} is not a finite number`, { details: { index: i } });
    }
    return BigInt(placeOf(cuts[i % width]!, Math.fround(v)));
  });
}

/** How many thresholds a number is beyond. */
function placeOf(cuts: readonly Cut[], x: number): number {
  let [from, to] = [0, cuts.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const { threshold, strict } = cuts[middle]!;
    if (strict ? x >= threshold : x > threshold) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** A node of a graph. */
interface Node {
  name: string;
  op: string;
  inputs: string[];
  attributes: object;
}

/** The canonical text of the graph of so many samples: the trees' scores, or predicates of them in their place. */
export function forestGraph(
  forest: Forest,
  numbers: ForestNumbers,
  samples: number,
  predicates: readonly GraphPredicate[] = [],
): string {
  const { limbBits, bits, cuts, thresholds, leaves } = numbers;
  const { children, features, outputs, roots, targets } = forest;
  const attributes = { bits, children, features, leaves, outputs, roots, targets, thresholds };
  const nodes: Node[] = [{ name: 'scores', op: 'trees', inputs: ['x'], attributes }];
  const said = predicates.map((predicate, i) => addPredicate(nodes, predicate, i));
  const order = (name: string) => nodes.findIndex((node) => node.name === name);
  return JSON.stringify({
    version: 1,
    limbBits,
    tableBits: 4,
    tensors: [{ name: 'x', role: 'data', shape: [samples, cuts.length], bits: 0 }],
    nodes,
    outputs: said.length > 0 ? said.sort((a, b) => order(a) - order(b)) : ['scores'],
  });
}

/** Puts what is said of the scores behind them, and gives its name. */
function addPredicate(nodes: Node[], predicate: GraphPredicate, i: number): string {
  const once = (name: string, op: string, of: string, attributes: object) => {
    if (!nodes.some((node) => node.name === name)) nodes.push({ name, op, inputs: [of], attributes });
    return name;
  };
  const entry = (name: string, of: string, start: number) =>
    once(name, 'view', of, { kind: 'slice', axis: 1, length: 1, start });
  if ('argmax' in predicate) return once('argmax', 'argmax', 'scores', {});
  if ('class' in predicate) {
    const at = predicate.class.class;
    const choice = entry(`argmax:${at}`, once('argmax', 'argmax', 'scores', {}), at);
    return once(`class:${at}`, 'compare', choice, { least: 1 });
  }
  if ('confusion' in predicate) throw new Error('trees have no labels');
  const { output, least, most } = predicate.threshold;
  const limits = { ...(least !== undefined && { least }), ...(most !== undefined && { most }) };
  return once(`threshold:${i}`, 'compare', entry(`score:${output}`, 'scores', output), limits);
}
