import { type Chain, joined } from '../chain.js';
import { unsupported } from '../errors.js';
import type { OnnxNode } from '../node.js';

/** `Concat` of features: of products of the same features, as binary classifiers have both probabilities. */
export function concat(node: OnnxNode): Chain {
  node.requireInputs(1, Number.POSITIVE_INFINITY);
  const axis = node.integer('axis', 0);
  if (axis !== 1 && axis !== -1) throw unsupported(node.at, `along axis ${axis}: features are joined with 1`);
  return joined(
    node.given.map((_, i) => node.chain(i)),
    node,
  );
}
