import { dividesByGradients } from '../adamRate.js';
import { checkArgument, naturalSchema } from '../check.js';
import { etas, type RateNumbers } from '../learningRate.js';
import { rateNumbersSchema } from '../spec.js';
import type { RateSchedule } from './schema.js';
import { scheduleShare } from './share.js';

/**
 * The integer rate of a step (from 0) under a schedule: the run's own times the schedule's share, to the nearest integer that the
 * specification has, half up, and never below the smallest. Without a schedule, the run's own.
 *
 * Errors: `OPTION_INVALID`; `LEARNING_RATE_UNREPRESENTABLE` where the specification has no rate at all.
 *
 * @example
 * const eta = etaOfStep(spec, 4096n, { type: 'cosine', warmup: 0, steps: 100, end: 0 }, 50); // 2048n
 */
export function etaOfStep(
  spec: RateNumbers,
  eta: bigint,
  schedule: RateSchedule | undefined,
  step: number,
): bigint {
  checkArgument(rateNumbersSchema, spec, 'etaOfStep', 'spec');
  checkArgument(naturalSchema, eta, 'etaOfStep', 'eta');
  if (schedule === undefined) return eta;
  const { numerator, denominator } = scheduleShare(schedule, step);
  const unit = leastEta(spec);
  const twice = 2n * denominator * unit;
  const count = (2n * eta * numerator + denominator * unit) / twice;
  return (count > 0n ? count : 1n) * unit;
}

/** What all rates of a specification are multiples of: the smallest. Those of a rule that divides by gradients are rounded in each step. */
export function leastEta(spec: RateNumbers): bigint {
  return dividesByGradients(spec) ? 1n : BigInt(etas(spec).multiple);
}
