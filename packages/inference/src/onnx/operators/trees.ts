import { type Chain, type Last, planted } from '../chain.js';
import { invalid, unsupported } from '../errors.js';
import { type Grove, numbered } from '../forest.js';
import type { OnnxNode } from '../node.js';

/** `ai.onnx.ml.TreeEnsembleRegressor`. */
export function treeEnsembleRegressor(node: OnnxNode): Chain {
  node.requireInputs(1);
  const outputs = node.integer('n_targets', 1);
  const aggregate = node.text('aggregate_function', 'SUM');
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE')
    throw unsupported(node.at, `aggregate_function ${aggregate.slice(0, 40)}: SUM and AVERAGE are proven`);
  const base = baseOf(node, outputs);
  const grove = groveOf(node, 'target', outputs, base);
  if (aggregate === 'AVERAGE') {
    for (const weights of grove.weights.values())
      for (const [target, v] of weights) weights.set(target, v / grove.roots.length);
  }
  return ending(node, grove);
}

/**
 * `ai.onnx.ml.TreeEnsembleClassifier`: its second output, a score a class. Of two classes whose trees have one score it is that score: what
 * the file makes two of.
 */
export function treeEnsembleClassifier(node: OnnxNode): Chain {
  node.requireInputs(1);
  const labels = node.texts('classlabels_strings') ?? node.integers('classlabels_int64s') ?? [];
  const ids = node.integers('class_ids') ?? [];
  const single = labels.length === 2 && ids.every((id) => id === ids[0]);
  if (!single) return ending(node, groveOf(node, 'class', labels.length, baseOf(node, labels.length)));
  return ending(
    node,
    groveOf(node, 'class', 1, baseOf(node, 1), () => 0),
  );
}

/** Behind the trees' scores stands what the file applies to them. */
function ending(node: OnnxNode, grove: Grove): Chain {
  const post = node.text('post_transform', 'NONE');
  const last: Readonly<Record<string, Last | undefined>> = {
    NONE: undefined,
    SOFTMAX: 'softmax',
    LOGISTIC: 'sigmoid',
  };
  if (!Object.hasOwn(last, post)) {
    throw unsupported(
      node.at,
      `post_transform ${post.slice(0, 40)}: NONE, SOFTMAX and LOGISTIC are proven`,
      'Scores before it are.',
    );
  }
  return planted(node.chain(), (features) => numbered(grove, features, node.at), last[post], node.at);
}

/** Errors: `ONNX_INVALID`. */
function baseOf(node: OnnxNode, outputs: number): Float64Array {
  const base = node.doubles('base_values') ?? new Float64Array(outputs);
  if (base.length === outputs) return base;
  throw invalid(`${node.at}: ${base.length} base_values of ${outputs} scores`);
}

const NODES = ['nodes_nodeids', 'nodes_featureids', 'nodes_truenodeids', 'nodes_falsenodeids'] as const;

/** Nodes and leaves' values by their attributes. Errors: `ONNX_INVALID`. */
function groveOf(
  node: OnnxNode,
  of: 'target' | 'class',
  outputs: number,
  base: Float64Array,
  target: (id: number) => number = (id) => id,
): Grove {
  // A value that is missing is no number, and refused before it is proven.
  node.ignored('nodes_hitrates', 'nodes_hitrates_as_tensor', 'nodes_missing_value_tracks_true');
  const trees = node.integers('nodes_treeids') ?? [];
  const [ids, features, yes, no] = NODES.map((name) => node.integers(name) ?? []);
  const [modes, thresholds] = [node.texts('nodes_modes') ?? [], node.doubles('nodes_values') ?? []];
  if ([ids, features, yes, no, modes, thresholds].some((list) => list!.length !== trees.length))
    throw invalid(`${node.at}: attributes of its nodes have different lengths`);
  const key = (tree: number, id: number) => `${tree} ${id}`;
  const grove: Grove = { nodes: new Map(), weights: new Map(), roots: [], outputs, base };
  const planted = new Set<number>();
  trees.forEach((tree, i) => {
    const name = key(tree, ids![i]!);
    if (grove.nodes.has(name)) throw invalid(`${node.at}: a node is there twice`);
    grove.nodes.set(name, {
      feature: features![i]!,
      mode: modes[i]!,
      threshold: thresholds[i]!,
      yes: key(tree, yes![i]!),
      no: key(tree, no![i]!),
    });
    // The first node of a tree is its root.
    if (!planted.has(tree)) grove.roots.push(name);
    planted.add(tree);
  });
  addWeights(node, of, grove, { key, target });
  return grove;
}

function addWeights(
  node: OnnxNode,
  of: 'target' | 'class',
  { nodes, weights, outputs }: Grove,
  { key, target }: { key: (tree: number, id: number) => string; target: (id: number) => number },
): void {
  const [trees, ids, targets] = ['treeids', 'nodeids', 'ids'].map(
    (name) => node.integers(`${of}_${name}`) ?? [],
  );
  const values = node.doubles(`${of}_weights`) ?? [];
  if ([ids, targets, values].some((list) => list!.length !== trees!.length))
    throw invalid(`${node.at}: attributes of its leaves have different lengths`);
  trees!.forEach((tree, i) => {
    const [name, output] = [key(tree, ids![i]!), target(targets![i]!)];
    if (!nodes.has(name) || !(output >= 0 && output < outputs))
      throw invalid(`${node.at}: a value of no leaf or no output`);
    const own = weights.get(name) ?? new Map<number, number>();
    own.set(output, (own.get(output) ?? 0) + values[i]!);
    weights.set(name, own);
  });
}
