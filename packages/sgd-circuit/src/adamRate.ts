import { PotError } from 'halo2-wasm';
import type { Scales, SpecNumbers } from './spec.js';

/** Largest {@link rateUnit} that Adam's rates may have. */
export const MAX_RATE_UNIT = 64;

/** Whether a specification's rule is Adam, whose rates are at another scale and are rounded in every step. */
export function isAdam({ lora }: Pick<SpecNumbers, 'lora'>): boolean {
  return lora?.optimizer?.rule === 'adam';
}

/** Fractional bits of Adam's eta: its ratio has e of them, so that the product has a weight's. */
export function adamRateBits({ a, d }: Scales): number {
  return a + d;
}

/**
 * What Adam's rate of every step is a multiple of, so that alpha/rank times it is an integer for each adapter: the
 * least common multiple of rank / gcd(rank, alpha).
 *
 * Errors: `LEARNING_RATE_UNREPRESENTABLE` where that is more than 64.
 */
export function rateUnit({ lora }: Pick<SpecNumbers, 'lora'>): number {
  let unit = 1;
  for (const adapter of lora?.adapters ?? []) {
    if (!adapter) continue;
    const part = adapter.rank / gcd(adapter.rank, adapter.alpha);
    unit *= part / gcd(unit, part);
  }
  if (unit <= MAX_RATE_UNIT) return unit;
  throw new PotError(
    'LEARNING_RATE_UNREPRESENTABLE',
    `with these adapters Adam's rates would be multiples of ${unit}, more than ${MAX_RATE_UNIT}`,
    {
      details: { unit, largest: MAX_RATE_UNIT, adapters: lora?.adapters },
      hint: 'Choose alpha a multiple of the rank in every layer, or the same rank and alpha in all.',
    },
  );
}

/** Greatest common divisor. */
export function gcd(p: number, q: number): number {
  return q === 0 ? p : gcd(q, p % q);
}
