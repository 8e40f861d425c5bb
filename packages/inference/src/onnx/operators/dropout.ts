import type { Chain } from '../chain.js';
import { unsupported } from '../errors.js';
import type { OnnxNode } from '../node.js';

/** `Dropout` in inference mode, which drops nothing. */
export function dropout(node: OnnxNode): Chain {
  node.requireInputs(1, 3);
  node.ignored('ratio', 'seed');
  if (node.given[2] !== undefined && node.tensor(2).values.some((v) => v !== 0)) {
    throw unsupported(node.at, 'it is in training mode', 'Export the model for inference.');
  }
  return node.chain();
}
