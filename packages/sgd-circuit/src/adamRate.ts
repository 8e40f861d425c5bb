import { PotError } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { checkArgument } from './check.js';
import { LIMITS } from './limits.js';
import { type RulePart, updateRule } from './optimizer/place.js';
import { loraSchema, type Scales, type SpecNumbers, scalesSchema } from './spec.js';

const loraPart = z.object({ lora: loraSchema.optional() });

/** Largest {@link rateUnit} that rates of Adam and RMSProp may have. */
export const MAX_RATE_UNIT = LIMITS.maxRank;

/**
 * Whether a specification's rule divides by gradients (Adam, RMSProp): then its rates are at another scale, and are rounded in every step.
 * Errors: `OPTION_INVALID`.
 *
 * @example
 * dividesByGradients({}); // false
 */
export function dividesByGradients(spec: RulePart): boolean {
  const rule = updateRule(spec)?.rule;
  return rule === 'adam' || rule === 'rmsprop';
}

/**
 * Whether a specification's rule is Adam, whose rates follow from the step's number. Errors: `OPTION_INVALID`.
 *
 * @example
 * isAdam({}); // false
 */
export function isAdam(spec: RulePart): boolean {
  return updateRule(spec)?.rule === 'adam';
}

/**
 * Fractional bits of an eta of Adam or RMSProp: the ratio has e of them, so that the product has a weight's. Errors: `OPTION_INVALID`.
 *
 * @example
 * const bits = adamRateBits({ a: 8, d: 14, e: 14, b: 12, p: 12 });
 */
export function adamRateBits(scales: Scales): number {
  const { a, d } = checkArgument(scalesSchema, scales, 'adamRateBits', 'scales');
  return a + d;
}

/**
 * What the rate of every step by a rule that divides by gradients (Adam, RMSProp) is a multiple of, so that alpha/rank times it is an integer for each adapter: the
 * least common multiple of rank / gcd(rank, alpha).
 *
 * Errors: `LEARNING_RATE_UNREPRESENTABLE` where that is more than 64; `OPTION_INVALID`.
 *
 * @example
 * const unit = rateUnit(spec);
 */
export function rateUnit(spec: Pick<SpecNumbers, 'lora'>): number {
  const { lora } = checkArgument(loraPart, spec, 'rateUnit', 'spec');
  let unit = 1;
  for (const adapter of lora?.adapters ?? []) {
    if (!adapter) continue;
    const part = adapter.rank / gcd(adapter.rank, adapter.alpha);
    unit *= part / gcd(unit, part);
  }
  if (unit <= MAX_RATE_UNIT) return unit;
  throw new PotError(
    'LEARNING_RATE_UNREPRESENTABLE',
    `with these adapters the rates of Adam and RMSProp would be multiples of ${unit}, more than ${MAX_RATE_UNIT}`,
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
