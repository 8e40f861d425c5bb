import type { Chain } from '../chain.js';
import type { OnnxNode } from '../node.js';
import { logSoftmax, relu, softmax } from './activations.js';
import { add, div, mul, sub } from './arithmetic.js';
import { gemm } from './gemm.js';
import { linearClassifier, linearRegressor, normalizer, scaler } from './linear.js';
import { matMul } from './matmul.js';
import { cast, flatten, identity, reshape } from './shapes.js';

/** What an operator makes of its inputs, and which of its outputs that is (default: the first). */
export interface Operator {
  apply(node: OnnxNode): Chain;
  output?: number;
}

const of = (apply: Operator['apply'], output = 0): Operator => ({ apply, output });

/** By domain and name. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  Add: of(add),
  Cast: of(cast),
  Div: of(div),
  Flatten: of(flatten),
  Gemm: of(gemm),
  Identity: of(identity),
  LogSoftmax: of(logSoftmax),
  MatMul: of(matMul),
  Mul: of(mul),
  Relu: of(relu),
  Reshape: of(reshape),
  Softmax: of(softmax),
  Sub: of(sub),
  'ai.onnx.ml.LinearClassifier': of(linearClassifier, 1),
  'ai.onnx.ml.LinearRegressor': of(linearRegressor),
  'ai.onnx.ml.Normalizer': of(normalizer),
  'ai.onnx.ml.Scaler': of(scaler),
};
