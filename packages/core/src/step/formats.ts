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
 * bound holds the step's deviation, is used. What breaks a tight bound is a ReLU unit within a rounding of zero,
 * which the float step saw as active: finer activations (a) make that rarer, a wider bound lets it pass.
 * docs/operate/accuracy.md has measurements. The limb bits b set the least number of rows, 2^(b+1).
 */
export const toleranceFormats: readonly ToleranceFormat[] = [
  /** Bound 2^-13. */
  { name: 'default', scales: profiles.default, limbs: 2 },
  /** Bound 2^-15, activations 16 times finer. Inputs below 4. */
  { name: 'sharp', scales: { a: 12, d: 12, e: 18, b: 14, p: 14 }, limbs: 2 },
  /** Bound 2^-11. Inputs below 4. */
  { name: 'wide', scales: { a: 8, d: 14, e: 18, b: 10, p: 10 }, limbs: 3 },
  /** Bound 2^-10. Inputs below 2. */
  { name: 'compact', scales: profiles.compact, limbs: 3 },
  /** Bound 2^-9. Inputs below 2. */
  { name: 'coarse', scales: { a: 7, d: 15, e: 18, b: 8, p: 8 }, limbs: 4 },
  /** Bound 2^-16, activations 64 times finer. Inputs below 2. */
  { name: 'finest', scales: { a: 14, d: 14, e: 17, b: 15, p: 15 }, limbs: 2 },
  /** Bound 2^-15, for small learning rates. */
  { name: 'slow', scales: { a: 8, d: 14, e: 20, b: 14, p: 14 }, limbs: 2 },
];
