import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { type Scales, weightScale } from '@proof-of-training/sgd-circuit';

/** Fractional bits of a frozen base, where none are asked for: its rounding does not matter then. */
const BASE_BITS = 20;

/** Fractional bits of the base. Errors: `OPTION_INVALID`. */
export function baseBitsOf(scales: Scales, asked?: number): number {
  const most = weightScale(scales);
  if (asked === undefined) return Math.min(BASE_BITS, most);
  if (Number.isInteger(asked) && asked >= 4 && asked <= most) return asked;
  throw new PotError(
    'OPTION_INVALID',
    `baseBits must be a whole number from 4 to ${most}, not ${shown(asked)}`,
  );
}
