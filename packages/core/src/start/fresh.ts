import type { LayerWeights } from '@proof-of-training/sgd-circuit';
import type { SeedStart } from '@proof-of-training/verifier/run';
import { type Initializer, plain } from '@proof-of-training/verifier/run';
import type { RecordedAdapter } from '../record/index.js';

/** Deviations beyond which a sample of a normal, or the mean of many values, is none of its initialiser. */
const FAR = 6;

/**
 * Whether weights can still be what the initialisers made: constants exactly, everything else inside what they give,
 * with a mean and a spread as they give them. A last layer without a constant bias is never called new: its bias is what one
 * step of training surely changes.
 */
export function looksFresh(
  start: SeedStart,
  weights: readonly (LayerWeights & { inputs: number; outputs: number })[],
): boolean {
  const last = start.layers[start.layers.length - 1];
  if (!last || !('kernel' in last) || last.bias?.kind !== 'constant') return false;
  return weights.every(({ kernel, bias, inputs, outputs }, l) => {
    const own = start.layers[l];
    return (
      own &&
      'kernel' in own &&
      fits(own.kernel, [inputs, outputs], kernel) &&
      (!own.bias || fits(own.bias, [outputs], bias ?? []))
    );
  });
}

/** The same of adapters: every B zero, which the first step of training changes, and every A as its initialiser makes it. */
export function adaptersLookFresh(start: SeedStart, adapters: readonly (RecordedAdapter | null)[]): boolean {
  return adapters.every((adapter, l) => {
    const own = start.layers[l];
    if (!adapter) return own === null;
    if (!own || !('A' in own)) return false;
    const inputs = adapter.A.length / adapter.rank;
    return adapter.B.every((v) => v === 0) && fits(own.A, [adapter.rank, inputs], adapter.A);
  });
}

function fits(initializer: Initializer, shape: readonly number[], values: ArrayLike<number>): boolean {
  const rule = plain(initializer, shape);
  const list = Array.from(values);
  if (rule.kind === 'constant') return list.every((v) => v === Math.fround(rule.value));
  const { low, high, mean, deviation, kurtosis } = spreadOf(rule);
  if (!list.every((v) => v >= Math.fround(low) && v <= Math.fround(high))) return false;
  const n = list.length;
  const average = list.reduce((sum, v) => sum + v, 0) / n;
  if (Math.abs(average - mean) > (FAR * deviation) / Math.sqrt(n)) return false;
  const variance = list.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
  // The variance of a squared deviation is (kurtosis - 1) times the fourth power.
  const error = deviation ** 2 * Math.sqrt((kurtosis - 1) / n);
  return n < 16 || Math.abs(variance - deviation ** 2) <= FAR * error;
}

/** Bounds, mean, deviation and kurtosis of an initialiser's values. */
function spreadOf(rule: Exclude<ReturnType<typeof plain>, { kind: 'constant' }>) {
  if (rule.kind === 'uniform') {
    const { min, max } = rule;
    return {
      low: min,
      high: max,
      mean: (min + max) / 2,
      deviation: (max - min) / Math.sqrt(12),
      kurtosis: 9 / 5,
    };
  }
  const { mean } = rule;
  // A normal that is cut at two deviations has 0.8796 of the deviation, and a kurtosis of 2.37.
  const [reach, share, kurtosis] = rule.kind === 'normal' ? [2 * FAR, 1, 3] : [2, 0.8796, 2.37];
  const stddev = Math.abs(rule.stddev);
  return {
    low: mean - reach * stddev,
    high: mean + reach * stddev,
    mean,
    deviation: share * stddev,
    kurtosis,
  };
}
