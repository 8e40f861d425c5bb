/** LoRA training in double precision with numeric gradients: what the oracle's integers must come close to. */
import type { LoraOracleSpec } from './oracle.js';

/** One layer's float weights: W [outputs][inputs], bias, A [rank][inputs], B [outputs][rank]. */
export interface FloatLayer {
  kernel: number[][];
  bias: number[];
  a?: number[][];
  b?: number[][];
}

/** `W + alpha/rank B A` applied, layer after layer; also the smallest |z| that a ReLU sees. */
export function floatForward(spec: LoraOracleSpec, layers: FloatLayer[], x: number[][]) {
  let kink = Number.POSITIVE_INFINITY;
  const out = x.map((sample) => {
    let h = sample;
    layers.forEach(({ kernel, bias, a, b }, l) => {
      const adapter = spec.lora.adapters[l];
      const z = kernel.map((row, i) => {
        const effective = row.map((v, j) => {
          if (!adapter || !a || !b) return v;
          const product = a.reduce((sum, row, r) => sum + b[i]![r]! * row[j]!, 0);
          return v + (adapter.alpha / adapter.rank) * product;
        });
        return effective.reduce((sum, v, j) => sum + v * h[j]!, bias[i] ?? 0);
      });
      const relu = spec.layers[l]?.activation === 'relu';
      if (relu) kink = Math.min(kink, ...z.map(Math.abs));
      h = relu ? z.map((v) => Math.max(v, 0)) : z;
    });
    return h;
  });
  return { out, kink };
}

/** The loss with TensorFlow.js's reductions: mean over the batch, mean squared error also over the outputs. */
export function floatLoss(spec: LoraOracleSpec, layers: FloatLayer[], x: number[][], y: number[][]): number {
  const { out } = floatForward(spec, layers, x);
  const losses = out.map((z, n) => {
    const label = y[n]!;
    if (spec.loss === 'meanSquaredError')
      return z.reduce((sum, v, i) => sum + (v - label[i]!) ** 2, 0) / z.length;
    const max = Math.max(...z);
    const log = max + Math.log(z.reduce((sum, v) => sum + Math.exp(v - max), 0));
    return z.reduce((sum, v, i) => sum - label[i]! * (v - log), 0);
  });
  return losses.reduce((sum, v) => sum + v, 0) / x.length;
}

/** Central differences of the loss by every entry of `matrix`, which is one of `layers`' own. */
export function numericGradient(loss: () => number, matrix: number[][], step = 1e-5): number[][] {
  return matrix.map((row) =>
    row.map((value, j) => {
      row[j] = value + step;
      const above = loss();
      row[j] = value - step;
      const below = loss();
      row[j] = value;
      return (above - below) / (2 * step);
    }),
  );
}
