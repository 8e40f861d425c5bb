import type { Chain } from '../chain.js';
import { invalid, unsupported } from '../errors.js';
import type { OnnxNode } from '../node.js';
import type { Tensor } from '../tensor.js';

/** `Constant`: one of its attributes. */
export function constant(node: OnnxNode): Tensor {
  node.requireInputs(0);
  const name = node.proto.output[0] ?? '';
  const row = (values: number[], whole: boolean): Tensor => ({
    name,
    shape: [values.length],
    values: Float64Array.from(values),
    ...(whole && { whole }),
  });
  const one = (values: Tensor): Tensor => ({ ...values, shape: [] });
  const { proto } = node;
  if (proto.attribute.length !== 1) throw invalid(`${node.at}: it must have one value`);
  const floats = node.numbers('value_floats');
  const integers = node.integers('value_ints');
  const is = (attribute: string) => proto.attribute[0]!.name === attribute;
  const found =
    node.constant('value') ??
    (floats && row([...floats], false)) ??
    (integers && row(integers, true)) ??
    (is('value_float') ? one(row([node.number('value_float', 0)], false)) : undefined) ??
    (is('value_int') ? one(row([node.integer('value_int', 0)], true)) : undefined);
  if (!found) throw unsupported(node.at, 'a constant of this kind');
  if (!found.values.every(Number.isFinite)) throw invalid(`${node.at}: a value is not finite`);
  return { ...found, name };
}

/** Never of a value that depends on the input: it has no inputs. */
export function noChain(node: OnnxNode): Chain {
  throw unsupported(node.at, 'it takes no input that depends on the samples');
}
