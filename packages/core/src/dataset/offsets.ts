import type { Scales } from '@proof-of-training/sgd-circuit';

/**
 * The offset that makes cells of signed values non-negative: 0 where no value is negative, else half of the
 * cell's range, so that values up to `2^(b-1-a)` on both sides fit.
 */
export function offsetFor(values: ArrayLike<number>, scales: Scales): number {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) return 2 ** (scales.b - 1);
  return 0;
}
