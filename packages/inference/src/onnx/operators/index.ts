import { eachEntry, entrywise, product, transposed } from '../folding.js';
import { logSoftmax, relu, sigmoid, softmax } from './activations.js';
import { add, div, mul, neg, sub } from './arithmetic.js';
import { batchNormalization } from './batchNormalization.js';
import { abs, clip, hardSigmoid, leakyRelu, pRelu } from './bends.js';
import { concat } from './concat.js';
import { constant, noChain } from './constant.js';
import { castOf, flattenOf, identityOf, reshapeOf, squeezeOf, unsqueezeOf } from './constantShapes.js';
import { dropout } from './dropout.js';
import { gemm } from './gemm.js';
import { imputer } from './imputer.js';
import { linearClassifier, linearRegressor, normalizer, scaler } from './linear.js';
import { matMul } from './matmul.js';
import type { Operator } from './operator.js';
import { cast, flatten, identity, reshape } from './shapes.js';
import { treeEnsembleClassifier, treeEnsembleRegressor } from './trees.js';

const of = (apply: Operator['apply'], fold?: Operator['fold']): Operator => ({
  apply,
  ...(fold && { fold }),
});

/** By domain and name. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  Abs: of(abs),
  Add: of(add, (node) => entrywise(node, (a, b) => a + b)),
  BatchNormalization: of(batchNormalization),
  Cast: of(cast, castOf),
  Clip: of(clip),
  Concat: of(concat),
  Constant: of(noChain, constant),
  Div: of(div, (node) => entrywise(node, (a, b) => a / b)),
  Dropout: of(dropout),
  Flatten: of(flatten, flattenOf),
  Gemm: of(gemm),
  HardSigmoid: of(hardSigmoid),
  Identity: of(identity, identityOf),
  LeakyRelu: of(leakyRelu),
  LogSoftmax: of(logSoftmax),
  MatMul: of(matMul, product),
  Mul: of(mul, (node) => entrywise(node, (a, b) => a * b)),
  Neg: of(neg, (node) => eachEntry(node, (v) => -v)),
  PRelu: of(pRelu),
  Relu: of(relu),
  Reshape: of(reshape, reshapeOf),
  Sigmoid: of(sigmoid),
  Softmax: of(softmax),
  Sqrt: of(noChain, (node) => eachEntry(node, Math.sqrt)),
  Squeeze: of(noChain, squeezeOf),
  Sub: of(sub, (node) => entrywise(node, (a, b) => a - b)),
  Transpose: of(noChain, transposed),
  Unsqueeze: of(noChain, unsqueezeOf),
  'ai.onnx.ml.Imputer': of(imputer),
  'ai.onnx.ml.LinearClassifier': { apply: linearClassifier, output: 1 },
  'ai.onnx.ml.LinearRegressor': of(linearRegressor),
  'ai.onnx.ml.Normalizer': of(normalizer),
  'ai.onnx.ml.Scaler': of(scaler),
  'ai.onnx.ml.TreeEnsembleClassifier': { apply: treeEnsembleClassifier, output: 1 },
  'ai.onnx.ml.TreeEnsembleRegressor': of(treeEnsembleRegressor),
};
