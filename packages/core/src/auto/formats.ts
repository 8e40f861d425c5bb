import type { Scales } from '@proof-of-training/sgd-circuit';
import { profiles } from '@proof-of-training/sgd-circuit';

/** A number format of tolerance mode: the bound on each weight's deviation follows from it. */
export interface ToleranceFormat {
  name: string;
  scales: Scales;
  /** `|W' - step(W)| < 2^(b * limbs - 1)` at scale w. */
  limbs: number;
}

/**
 * Formats in the order in which they are tried: the first that can write the learning rate and the data, and whose
 * bound holds the step's deviation, is used. A float step's largest deviation comes from ReLU units within a
 * rounding of zero, and grows with the learning rate: docs/accuracy.md has measurements.
 */
export const toleranceFormats: readonly ToleranceFormat[] = [
  /** Bound 2^-13. */
  { name: 'default', scales: profiles.default, limbs: 2 },
  /** Bound 2^-11; learning rates 16 times finer. */
  { name: 'wide', scales: { a: 8, d: 14, e: 18, b: 10, p: 10 }, limbs: 3 },
  /** Bound 2^-10. Inputs below 2. */
  { name: 'compact', scales: profiles.compact, limbs: 3 },
  /** Bound 2^-15; learning rates 64 times finer. */
  { name: 'fine', scales: { a: 8, d: 14, e: 20, b: 14, p: 14 }, limbs: 2 },
];

/** The bound as a real number: the most that one weight may differ. */
export function toleranceOf({ scales, limbs }: Pick<ToleranceFormat, 'scales' | 'limbs'>): number {
  return 2 ** (scales.b * limbs - 1 - scales.a - scales.d - scales.e);
}
