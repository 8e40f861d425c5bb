import { z } from 'zod';
import { checkArgument } from '../check.js';
import { type RateSchedule, SHARE_BITS, scheduleSchema } from './schema.js';

/** A non-negative ratio of integers. */
export interface Share {
  numerator: bigint;
  denominator: bigint;
}

/** Number of a step. */
export const stepSchema = z.int().min(0);

const ONE = 1n << BigInt(SHARE_BITS);
/** Fixed point of cosines and powers. */
const BITS = 60n;
const UNIT = 1n << BITS;
/** pi, times 2^60, rounded down. */
const PI = 3622009729038561421n;

/**
 * What a schedule multiplies the rate of step `step` (from 0) with: the same ratio of integers on every machine, since nothing in it
 * is floating point (docs/protocol/protocol.md). Errors: `OPTION_INVALID`.
 *
 * @example
 * const { numerator, denominator } = scheduleShare({ type: 'polynomial', warmup: 0, steps: 4, end: 0, power: 1 }, 1);
 * Number(numerator) / Number(denominator); // 0.75
 */
export function scheduleShare(schedule: RateSchedule, step: number): Share {
  checkArgument(scheduleSchema, schedule, 'scheduleShare', 'schedule');
  checkArgument(stepSchema, step, 'scheduleShare', 'step');
  const { warmup } = schedule;
  if (step < warmup) return { numerator: BigInt(step + 1), denominator: BigInt(warmup) };
  const done = step - warmup;
  switch (schedule.type) {
    case 'constant':
      return { numerator: 1n, denominator: 1n };
    case 'step':
      return { numerator: power(schedule.factor, Math.floor(done / schedule.every)), denominator: UNIT };
    case 'polynomial': {
      const whole = BigInt(schedule.steps) ** BigInt(schedule.power);
      const left = BigInt(Math.max(0, schedule.steps - done)) ** BigInt(schedule.power);
      return between(schedule.end, left, whole);
    }
    case 'cosine': {
      const at = Math.min(done, schedule.steps);
      return between(schedule.end, UNIT + cosine(BigInt(at), BigInt(schedule.steps)), 2n * UNIT);
    }
  }
}

/** `end + (1 - end) numerator / denominator` */
function between(end: number, numerator: bigint, denominator: bigint): Share {
  const low = BigInt(end);
  return { numerator: low * denominator + (ONE - low) * numerator, denominator: ONE * denominator };
}

/** `(factor / 2^30)^n` times 2^60: by squaring, each product rounded down. */
function power(factor: number, n: number): bigint {
  let [result, base, left] = [UNIT, BigInt(factor) << (BITS - BigInt(SHARE_BITS)), n];
  while (left > 0) {
    if (left % 2 === 1) result = (result * base) >> BITS;
    base = (base * base) >> BITS;
    left = Math.floor(left / 2);
  }
  return result;
}

/** `cos(pi numerator / denominator)` times 2^60, for 0 <= numerator <= denominator: its power series, each term rounded down. */
function cosine(numerator: bigint, denominator: bigint): bigint {
  // Up to a right angle; the rest is its mirror image.
  if (2n * numerator > denominator) return -cosine(denominator - numerator, denominator);
  if (2n * numerator === denominator) return 0n;
  const angle = (PI * numerator) / denominator;
  const square = (angle * angle) >> BITS;
  let [sum, term] = [0n, UNIT];
  for (let n = 0n; term > 0n; n++) {
    sum += n % 2n === 0n ? term : -term;
    term = ((term * square) >> BITS) / ((2n * n + 1n) * (2n * n + 2n));
  }
  return sum;
}
