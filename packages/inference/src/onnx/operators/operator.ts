import type { Chain } from '../chain.js';
import type { OnnxNode } from '../node.js';
import type { Tensor } from '../tensor.js';

/** What an operator makes of its inputs, and which of its outputs that is (default: the first). */
export interface Operator {
  /** Of a value of each sample. */
  apply(node: OnnxNode): Chain;
  /** Of constants alone; without it they are refused. */
  fold?(node: OnnxNode): Tensor;
  output?: number;
}
