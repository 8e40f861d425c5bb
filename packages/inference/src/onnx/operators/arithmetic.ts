import { type Chain, complement, plus, scaled } from '../chain.js';
import { unsupported } from '../errors.js';
import { type OnnxNode, perFeature } from '../node.js';

/** `Add`: a constant on either side. */
export function add(node: OnnxNode): Chain {
  const { chain, constant } = sides(node);
  return plus(chain, constant, node.at);
}

/** `Sub`: a constant on either side, of a sigmoid from 1. */
export function sub(node: OnnxNode): Chain {
  const { chain, constant, first } = sides(node);
  if (first && chain.last === 'sigmoid' && constant.every((v) => v === 1)) return complement(chain);
  if (!first)
    return plus(
      chain,
      constant.map((v) => -v),
      node.at,
    );
  return plus(scaled(chain, new Float64Array(chain.width).fill(-1), node.at), constant, node.at);
}

/** `Mul`: a constant on either side. */
export function mul(node: OnnxNode): Chain {
  const { chain, constant } = sides(node);
  return scaled(chain, constant, node.at);
}

/** `Div`: by a constant. */
export function div(node: OnnxNode): Chain {
  const { chain, constant, first } = sides(node);
  if (first) throw unsupported(node.at, 'a constant is divided by a value that depends on the input');
  if (constant.some((v) => v === 0)) throw unsupported(node.at, 'a division by 0');
  return scaled(
    chain,
    constant.map((v) => 1 / v),
    node.at,
  );
}

/** The value of each sample, the constant, and whether that is the first input. */
function sides(node: OnnxNode) {
  node.requireInputs(2);
  const first = node.given[0] !== undefined && 'tensor' in node.given[0];
  const chain = node.chain(first ? 1 : 0);
  return { chain, constant: perFeature(node.tensor(first ? 0 : 1), chain.width, node.at), first };
}

/** `Neg`. */
export function neg(node: OnnxNode): Chain {
  node.requireInputs(1);
  const chain = node.chain();
  return scaled(chain, new Float64Array(chain.width).fill(-1), node.at);
}
