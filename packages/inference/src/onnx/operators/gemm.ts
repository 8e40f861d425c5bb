import { type Chain, plus, scaled, times } from '../chain.js';
import { unsupported } from '../errors.js';
import { type OnnxNode, perFeature } from '../node.js';

/** `Gemm`: `alpha A B + beta C`, B and C constants. */
export function gemm(node: OnnxNode): Chain {
  node.requireInputs(2, 3);
  const [alpha, beta] = [node.number('alpha', 1), node.number('beta', 1)];
  const [transA, transB] = [node.integer('transA', 0), node.integer('transB', 0)];
  const [chain, weights] = [node.chain(0), node.tensor(1)];
  if (transA !== 0) throw unsupported(node.at, 'the samples are transposed (transA)');
  const [rows, columns] = transB === 0 ? weights.shape : [...weights.shape].reverse();
  if (weights.shape.length !== 2 || rows !== chain.width) {
    throw unsupported(
      node.at,
      `${weights.name} has the shape [${weights.shape}], and must fit ${chain.width} features`,
    );
  }
  const matrix = transB === 0 ? weights.values : transposed(weights.values, columns!, rows!);
  const product = scaled(
    times(chain, matrix, columns!, node.at),
    new Float64Array(columns!).fill(alpha),
    node.at,
  );
  if (node.given[2] === undefined) return product;
  return plus(
    product,
    perFeature(node.tensor(2), columns!, node.at).map((v) => beta * v),
    node.at,
  );
}

function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c]!;
  return out;
}
