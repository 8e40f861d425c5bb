import { type Chain, plus, scaled, softened, times } from '../chain.js';
import { invalid, unsupported } from '../errors.js';
import type { OnnxNode } from '../node.js';

/** `ai.onnx.ml.LinearRegressor`. */
export function linearRegressor(node: OnnxNode): Chain {
  node.requireInputs(1);
  const targets = node.integer('targets', 1);
  const post = node.text('post_transform', 'NONE');
  if (post !== 'NONE') throw unsupported(node.at, `post_transform ${post}: NONE is proven`);
  return linear(node, targets);
}

/** `ai.onnx.ml.LinearClassifier`: its second output, a score a class. */
export function linearClassifier(node: OnnxNode): Chain {
  node.requireInputs(1);
  node.ignored('classlabels_ints', 'classlabels_strings', 'multi_class');
  const classes = node.numbers('intercepts')?.length ?? 0;
  const post = node.text('post_transform', 'NONE');
  const last = { NONE: undefined, SOFTMAX: 'softmax', LOGISTIC: 'sigmoid' } as const;
  if (!Object.hasOwn(last, post)) {
    throw unsupported(node.at, `post_transform ${post}: NONE, SOFTMAX and LOGISTIC are proven`);
  }
  const behind = last[post as keyof typeof last];
  const scores = linear(node, classes);
  return behind ? softened(scores, behind, node) : scores;
}

/** `ai.onnx.ml.Scaler`: `(x - offset) scale`. */
export function scaler(node: OnnxNode): Chain {
  node.requireInputs(1);
  const chain = node.chain();
  const each = (name: string, otherwise: number) => {
    const given = node.numbers(name) ?? Float64Array.of(otherwise);
    if (given.length !== 1 && given.length !== chain.width)
      throw invalid(`${node.at}: ${given.length} values of ${name}`);
    return given.length === 1 ? new Float64Array(chain.width).fill(given[0]!) : given;
  };
  const shifted = plus(
    chain,
    each('offset', 0).map((v) => -v),
    node.at,
  );
  return scaled(shifted, each('scale', 1), node.at);
}

/** `ai.onnx.ml.Normalizer` where rows have the sum 1 already: behind a softmax, and behind a sigmoid of one score and its opposite. */
export function normalizer(node: OnnxNode): Chain {
  node.requireInputs(1);
  const [norm, chain] = [node.text('norm', 'MAX'), node.chain()];
  const nothing = chain.last === 'softmax' || (chain.last === 'sigmoid' && isOpposite(chain));
  if (norm !== 'L1' || !nothing)
    throw unsupported(
      node.at,
      `norm ${norm}: L1 behind a softmax, or of two classes behind a sigmoid, changes nothing, and nothing else is proven`,
    );
  return chain;
}

/** Whether the last layer has two outputs, one of which is the other with another sign: sigmoids of these have the sum 1. */
function isOpposite({ layers }: Chain): boolean {
  const { inputs, outputs, kernel, bias, factor } = layers.at(-1)!;
  if (outputs !== 2 || bias[0] !== -bias[1]!) return false;
  const [first, second] = [kernel.subarray(0, inputs), kernel.subarray(inputs)];
  return first.every((v, i) => v * factor[0]! === -second[i]! * factor[1]!);
}

/** `x C^T + b`: coefficients [outputs][features]. */
function linear(node: OnnxNode, outputs: number): Chain {
  const chain = node.chain();
  const coefficients = node.numbers('coefficients');
  const intercepts = node.numbers('intercepts') ?? new Float64Array(outputs);
  if (coefficients?.length !== outputs * chain.width || intercepts.length !== outputs || outputs === 0) {
    throw invalid(
      `${node.at}: ${coefficients?.length ?? 0} coefficients and ${intercepts.length} intercepts`,
    );
  }
  const matrix = new Float64Array(coefficients.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < chain.width; i++) matrix[i * outputs + o] = coefficients[o * chain.width + i]!;
  }
  return plus(times(chain, matrix, outputs, node.at), intercepts, node.at);
}
