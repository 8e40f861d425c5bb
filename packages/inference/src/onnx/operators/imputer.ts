import type { Chain } from '../chain.js';
import { unsupported } from '../errors.js';
import type { OnnxNode } from '../node.js';

/** `ai.onnx.ml.Imputer` of NaN: no sample has one, since none can be proven, and so nothing is replaced. */
export function imputer(node: OnnxNode): Chain {
  node.requireInputs(1);
  node.ignored('imputed_value_floats', 'imputed_value_int64s');
  // An integer is never NaN.
  if (node.integers('replaced_value_int64') || !Number.isNaN(node.number('replaced_value_float', 0))) {
    throw unsupported(
      node.at,
      'it replaces another value than NaN',
      'Replace values before the model, and give it what they become.',
    );
  }
  return node.chain();
}
