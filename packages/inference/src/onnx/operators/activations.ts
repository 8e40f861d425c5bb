import { type Chain, rectified, softened } from '../chain.js';
import { unsupported } from '../errors.js';
import type { OnnxNode } from '../node.js';

/** `Relu`. */
export function relu(node: OnnxNode): Chain {
  node.requireInputs(1);
  return rectified(node.chain(), node);
}

/** `Sigmoid`: as the last of all. What is proven is what stands before it. */
export function sigmoid(node: OnnxNode): Chain {
  node.requireInputs(1);
  return softened(node.chain(), 'sigmoid', node);
}

/** `Softmax`: over the features, as the last of all. What is proven is what stands before it. */
export function softmax(node: OnnxNode): Chain {
  return ofRows(node, 'softmax');
}

/** `LogSoftmax`: the same. */
export function logSoftmax(node: OnnxNode): Chain {
  return ofRows(node, 'logSoftmax');
}

function ofRows(node: OnnxNode, last: 'softmax' | 'logSoftmax'): Chain {
  node.requireInputs(1);
  // Before version 13 all axes from this one on are one; of a matrix that is the same.
  const axis = node.integer('axis', node.opset < 13 ? 1 : -1);
  if (axis !== 1 && axis !== -1)
    throw unsupported(
      node.at,
      `a softmax over axis ${axis}: over the features (1 or -1) it is the last of all`,
    );
  return softened(node.chain(), last, node);
}
