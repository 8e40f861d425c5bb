import { invalid, unsupported } from './errors.js';

/** Decision trees as a file has them, in double precision. Nodes are numbered: a node's children stand behind it, and side by side. */
export interface Forest {
  /** First node of each tree. */
  roots: number[];
  /** Of each node the number of its first child; 0 of a leaf. */
  children: number[];
  /** Which feature a node asks for. */
  features: number[];
  /** A sample goes on to the first child where its feature is at most this, or less where `strict` says so; else to the second. */
  thresholds: Float64Array;
  strict: boolean[];
  /** Of each leaf, in the order of the nodes, its values: as many as a tree has targets. */
  leaves: Float64Array;
  /** Of each tree, one after the other, to which outputs its leaves' values are added. */
  targets: number[];
  outputs: number;
}

/** A node as exporters write it. */
export interface TreeNode {
  feature: number;
  mode: string;
  threshold: number;
  yes: string;
  no: string;
}

/** Trees before they are numbered: nodes by their tree and number, what leaves add by the same key, and the root of each tree. */
export interface Grove {
  nodes: Map<string, TreeNode>;
  weights: Map<string, Map<number, number>>;
  roots: string[];
  outputs: number;
  /** What each output is before anything is added. */
  base: Float64Array;
}

const [MAX_NODES, MAX_TREES, MAX_OUTPUTS, MAX_DEPTH] = [2 ** 18, 4096, 32, 64];

/** By mode: whether the children are exchanged, and whether the first one's feature is less than the threshold. */
const MODES: Readonly<Record<string, { exchanged: boolean; strict: boolean }>> = {
  BRANCH_LEQ: { exchanged: false, strict: false },
  BRANCH_LT: { exchanged: false, strict: true },
  BRANCH_GT: { exchanged: true, strict: false },
  BRANCH_GTE: { exchanged: true, strict: true },
};

/** Numbers the nodes, level by level. Errors: `ONNX_INVALID`, `ONNX_UNSUPPORTED`. */
export function numbered(grove: Grove, features: number, at: string): Forest {
  if (grove.roots.length === 0 || grove.roots.length > MAX_TREES || grove.outputs > MAX_OUTPUTS) {
    throw unsupported(
      at,
      `${grove.roots.length} trees and ${grove.outputs} outputs: 1 to ${MAX_TREES}, up to ${MAX_OUTPUTS} are proven`,
    );
  }
  const made: Made = {
    keys: [...grove.roots],
    children: [],
    features: [],
    thresholds: [],
    strict: [],
    tree: [],
  };
  made.tree = grove.roots.map((_, t) => t);
  const depth = grove.roots.map(() => 0);
  const seen = new Set(grove.roots);
  for (let i = 0; i < made.keys.length; i++) {
    const node = grove.nodes.get(made.keys[i]!);
    if (!node) throw invalid(`${at}: a node that is not there`);
    grow(made, node, { i, features, at });
    if (node.mode === 'LEAF') continue;
    for (const child of made.keys.slice(-2)) {
      if (seen.has(child)) throw invalid(`${at}: a node that is a child twice`);
      seen.add(child);
    }
    depth.push(depth[i]! + 1, depth[i]! + 1);
    if (depth[i]! >= MAX_DEPTH) throw unsupported(at, `a path of more than ${MAX_DEPTH} questions`);
    if (made.keys.length > MAX_NODES) throw unsupported(at, `more than ${MAX_NODES} nodes`);
  }
  return withValues(made, grove, at);
}

/** Nodes so far. */
interface Made {
  keys: string[];
  children: number[];
  features: number[];
  thresholds: number[];
  strict: boolean[];
  tree: number[];
}

function grow(made: Made, node: TreeNode, { i, features, at }: { i: number; features: number; at: string }) {
  const leaf = node.mode === 'LEAF';
  const mode = leaf ? MODES.BRANCH_LEQ : Object.hasOwn(MODES, node.mode) ? MODES[node.mode] : undefined;
  if (!mode) throw unsupported(at, `nodes of the mode ${node.mode.slice(0, 40)}`);
  if (!leaf && !(node.feature >= 0 && node.feature < features))
    throw invalid(`${at}: feature ${node.feature} of ${features}`);
  if (!leaf && !Number.isFinite(node.threshold)) throw invalid(`${at}: a threshold that is no number`);
  made.children.push(leaf ? 0 : made.keys.length);
  made.features.push(leaf ? 0 : node.feature);
  made.thresholds.push(leaf ? 0 : node.threshold);
  made.strict.push(!leaf && mode.strict);
  if (leaf) return;
  made.keys.push(...(mode.exchanged ? [node.no, node.yes] : [node.yes, node.no]));
  made.tree.push(made.tree[i]!, made.tree[i]!);
}

/** With the leaves' values: as many of each tree, zeros where it adds nothing. What outputs begin with goes into a tree. */
function withValues(made: Made, { weights, roots, outputs, base }: Grove, at: string): Forest {
  const isLeaf = (i: number) => made.children[i] === 0;
  const used = roots.map(() => new Set<number>());
  for (const [i, key] of made.keys.entries()) {
    const added = weights.get(key);
    if (added && !isLeaf(i)) throw invalid(`${at}: a value of a node that is no leaf`);
    for (const target of added?.keys() ?? []) used[made.tree[i]!]!.add(target);
  }
  // What no tree adds to is added by the first.
  for (let o = 0; o < outputs; o++) {
    if (base[o] !== 0 && !used.some((targets) => targets.has(o))) used[0]!.add(o);
  }
  const values = Math.max(1, ...used.map((targets) => targets.size));
  const all = Array.from({ length: outputs }, (_, o) => o);
  const targets = used.map((own) => {
    const sorted = [...own].sort((a, b) => a - b);
    return [...sorted, ...all.filter((o) => !own.has(o))].slice(0, values).sort((a, b) => a - b);
  });
  const first = all.map((o) => targets.findIndex((own, t) => own.includes(o) && used[t]!.has(o)));
  const leaves: number[] = [];
  for (const [i, key] of made.keys.entries()) {
    if (!isLeaf(i)) continue;
    const tree = made.tree[i]!;
    for (const o of targets[tree]!) {
      leaves.push((weights.get(key)?.get(o) ?? 0) + (first[o] === tree ? base[o]! : 0));
    }
  }
  if (!leaves.every(Number.isFinite)) throw invalid(`${at}: a value that is no number`);
  if (made.keys.every((_, i) => isLeaf(i))) throw unsupported(at, 'trees that ask nothing');
  const { children, features, strict } = made;
  return {
    roots: roots.map((_, t) => t),
    children,
    features,
    thresholds: Float64Array.from(made.thresholds),
    strict,
    leaves: Float64Array.from(leaves),
    targets: targets.flat(),
    outputs,
  };
}

/** What trees give for a sample, in double precision; features are of single precision, as files say. */
export function forestScores(forest: Forest, sample: ArrayLike<number>): Float64Array {
  const out = new Float64Array(forest.outputs);
  const values = forest.targets.length / forest.roots.length;
  const leaf = leafNumbers(forest);
  forest.roots.forEach((root, t) => {
    let i = root;
    while (forest.children[i] !== 0) {
      const [x, threshold] = [Math.fround(sample[forest.features[i]!]!), forest.thresholds[i]!];
      i = forest.children[i]! + ((forest.strict[i] ? x < threshold : x <= threshold) ? 0 : 1);
    }
    for (let k = 0; k < values; k++) {
      out[forest.targets[t * values + k]!]! += forest.leaves[leaf[i]! * values + k]!;
    }
  });
  return out;
}

/** Of each leaf which it is; of other nodes as many leaves as are before them. */
function leafNumbers({ children }: Forest): number[] {
  let leaves = 0;
  return children.map((child) => (child === 0 ? leaves++ : leaves));
}
