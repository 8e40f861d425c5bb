import type { Chain } from '../chain.js';
import { briefly, unsupported } from '../errors.js';
import type { OnnxNode } from '../node.js';

/** `Identity`. */
export function identity(node: OnnxNode): Chain {
  node.requireInputs(1);
  return node.chain();
}

/** `Flatten` of samples that are rows already. */
export function flatten(node: OnnxNode): Chain {
  node.requireInputs(1);
  const axis = node.integer('axis', 1);
  if (axis !== 1 && axis !== -1) throw unsupported(node.at, `axis ${axis}: samples stay apart with 1`);
  return node.chain();
}

/** `Reshape` to rows of as many features. */
export function reshape(node: OnnxNode): Chain {
  node.requireInputs(2);
  const zeroStays = node.integer('allowzero', 0) === 0;
  const [chain, { values }] = [node.chain(), node.tensor(1)];
  const [samples, features] = values;
  const same =
    values.length === 2 &&
    (features === chain.width || features === -1) &&
    (samples === -1 || (samples === 0 && zeroStays));
  if (!same)
    throw unsupported(node.at, `to ${briefly(values)}: samples of ${chain.width} features stay as they are`);
  return chain;
}

/** `Cast` to float or double: numbers are real numbers here. */
export function cast(node: OnnxNode): Chain {
  node.requireInputs(1);
  node.ignored('saturate', 'round_mode');
  const to = node.integer('to', 0);
  if (to !== 1 && to !== 11)
    throw unsupported(node.at, `a cast to type ${to}: to float and double nothing is rounded`);
  return node.chain();
}
