import { type Chain, times } from '../chain.js';
import { unsupported } from '../errors.js';
import type { OnnxNode } from '../node.js';

/** `MatMul`: a value of each sample times a constant matrix. */
export function matMul(node: OnnxNode): Chain {
  node.requireInputs(2);
  const [chain, { name, shape, values }] = [node.chain(0), node.tensor(1)];
  if (shape.length !== 2 || shape[0] !== chain.width) {
    throw unsupported(
      node.at,
      `${name} has the shape [${shape}], and must be a matrix of ${chain.width} rows`,
    );
  }
  return times(chain, values, shape[1]!, node.at);
}
