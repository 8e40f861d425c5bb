import { PotError } from '@proof-of-training/halo2-wasm';
import type { Scales } from '@proof-of-training/sgd-circuit';

/**
 * What is added to inputs, divided by the scale, so that all of a range fit a cell `[0, 2^b)` at scale a; without a range half of a cell, so that as much fits on
 * both sides of 0. Errors: `VALUE_OUT_OF_RANGE` where the range is too wide.
 */
export function inputOffset({ a, b }: Scales, range?: readonly [number, number], scale = 1): number {
  if (!range) return 2 ** (b - 1);
  const [least, most] = [Math.round((range[0] / scale) * 2 ** a), Math.round((range[1] / scale) * 2 ** a)];
  const offset = Math.max(0, -least);
  if (most + offset < 2 ** b) return offset;
  const widest = (2 ** b - 1) / 2 ** a;
  throw new PotError(
    'VALUE_OUT_OF_RANGE',
    `inputs from ${range[0]} to ${range[1]}: this format has room for a width of ${widest * scale}`,
    {
      hint: 'Give inputScale, a number by which inputs are divided first, or another profile.',
    },
  );
}
