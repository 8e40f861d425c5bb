import type { Scales } from '@proof-of-training/sgd-circuit';

/**
 * The bound of a number format of tolerance mode as a real number: the most that one weight may differ.
 *
 * @example
 * toleranceOf({ scales: spec.scales, limbs: spec.toleranceLimbs });
 */
export function toleranceOf({ scales, limbs }: { scales: Scales; limbs: number }): number {
  return 2 ** (scales.b * limbs - 1 - scales.a - scales.d - scales.e);
}
