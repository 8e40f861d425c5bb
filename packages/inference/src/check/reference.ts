import type { DenseModel } from '../model/denseModel.js';
import type { Last } from '../onnx/chain.js';

/** What a model's layers give for a row in double precision, before a softmax. */
export function scoresOf({ layers }: Pick<DenseModel, 'layers'>, row: ArrayLike<number>): Float64Array {
  let h = Float64Array.from(row);
  for (const { inputs, outputs, kernel, bias, relu } of layers) {
    const next = Float64Array.from(bias);
    for (let o = 0; o < outputs; o++) {
      let sum = next[o]!;
      for (let i = 0; i < inputs; i++) sum += h[i]! * kernel[o * inputs + i]!;
      next[o] = relu ? Math.max(0, sum) : sum;
    }
    h = next;
  }
  return h;
}

/** Scores as the model's output has them: with what stands behind the last layer. */
export function outputOf(scores: Float64Array, last: Last | undefined): Float64Array {
  if (last === undefined) return scores;
  if (last === 'sigmoid') return scores.map((v) => 1 / (1 + Math.exp(-v)));
  const most = Math.max(...scores);
  const logarithm = Math.log(scores.reduce((sum, v) => sum + Math.exp(v - most), 0));
  const logs = scores.map((v) => v - most - logarithm);
  return last === 'softmax' ? logs.map(Math.exp) : logs;
}
