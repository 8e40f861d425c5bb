import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { dividesByGradients, rateUnit } from './adamRate.js';
import { checkArgument, naturalSchema } from './check.js';
import { LIMITS } from './limits.js';
import { updateRule } from './optimizer/place.js';
import { loraSchema, optimizerSchema, type SpecNumbers, scalesSchema } from './spec.js';

/** What of a specification decides the rates of a run's steps. */
export type StepRateNumbers = Pick<SpecNumbers, 'scales' | 'lora' | 'optimizer'>;

const numbers = z.object({
  scales: scalesSchema,
  lora: loraSchema.optional(),
  optimizer: optimizerSchema.optional(),
});
const step = z
  .int()
  .min(0)
  .max(LIMITS.maxSteps - 1);
const steps = z.int().min(0).max(LIMITS.maxWindow);

/** A rate that was corrected or rounded, and what it makes a B' move by, lies below 2^36: CORRECTED_RATE_BITS of packages/circuit/rust/src/limits.rs. */
const MAX_STEP_RATE = 1n << 36n;
/** The unit of powers of a factor. */
const ONE = 1n << 60n;

/**
 * Whether each step of such a run has a rate of its own among the public inputs, which follows from eta and the step's number: rules
 * that divide by gradients (Adam, RMSProp). Errors: `OPTION_INVALID`.
 *
 * @example
 * hasStepRates({}); // false
 */
export function hasStepRates(spec: Pick<SpecNumbers, 'lora' | 'optimizer'>): boolean {
  return dividesByGradients(spec);
}

/**
 * The public rates of `count` steps, a window's at most, from number `first` on (from 0), as the circuit's integers: each is a public
 * input of its window's proof, and in an aggregate's schedule. Of a run whose steps have rates of their own ({@link hasStepRates}): for Adam
 * `eta sqrt(1 - beta2^t) / (1 - beta1^t)`, t = number + 1, for RMSProp `eta` (docs/operators/optimizers.md), both to the nearest multiple
 * of {@link rateUnit}, half up.
 *
 * Errors: `ETA_RANGE` where a step would move an adapter's B further than the circuit's bounds assume; `LEARNING_RATE_UNREPRESENTABLE`;
 * `OPTION_INVALID`, also for a run whose steps have no rates of their own.
 *
 * @example
 * if (hasStepRates(run.spec)) console.log(stepRates(run.spec, BigInt(run.eta), 0, run.spec.steps));
 */
export function stepRates(spec: StepRateNumbers, eta: bigint, first: number, count: number): bigint[] {
  const { scales, lora } = checkArgument(numbers, spec, 'stepRates', 'spec');
  checkArgument(naturalSchema, eta, 'stepRates', 'eta');
  checkArgument(step, first, 'stepRates', 'first');
  checkArgument(steps, count, 'stepRates', 'count');
  const rule = updateRule(spec);
  if (rule?.rule !== 'adam' && rule?.rule !== 'rmsprop') {
    throw new PotError('OPTION_INVALID', 'stepRates: spec: its steps have no rates of their own');
  }
  const unit = BigInt(rateUnit(spec));
  const rest = (factor: number, t: bigint) => ONE - power(BigInt(factor) << BigInt(60 - scales.b), t);
  return Array.from({ length: count }, (_, i) => {
    const t = BigInt(first) + BigInt(i) + 1n;
    const corrects = rule.rule === 'adam';
    const numerator = 2n * eta * (corrects ? root(rest(rule.beta2, t) * ONE) : 1n);
    const divisor = (corrects ? rest(rule.beta1, t) : 1n) * unit;
    const rate = ((numerator + divisor) / (2n * divisor)) * unit;
    for (const adapter of lora?.adapters ?? []) {
      if (adapter && (rate * BigInt(adapter.alpha)) / BigInt(adapter.rank) >= MAX_STEP_RATE) {
        throw outOfRange(t - 1n, rate, adapter);
      }
    }
    return rate;
  });
}

function outOfRange(
  number: bigint,
  rate: bigint,
  { rank, alpha }: { rank: number; alpha: number },
): PotError {
  return new PotError(
    'ETA_RANGE',
    `the rate ${rate} of step ${number} times ${alpha}/${rank} must lie in 0..2^36`,
    { details: { step: shown(number), rank, alpha } },
  );
}

/** `x^n` in units of 1 / ONE, each product rounded down. */
function power(x: bigint, n: bigint): bigint {
  let [acc, base, left] = [ONE, x, n];
  while (left > 0n) {
    if (left & 1n) acc = (acc * base) / ONE;
    base = (base * base) / ONE;
    left >>= 1n;
  }
  return acc;
}

/** `floor(sqrt(v))`, by Newton's method from above. */
function root(v: bigint): bigint {
  if (v < 2n) return v;
  let x = 1n << BigInt(Math.ceil(v.toString(2).length / 2));
  for (;;) {
    const y = (x + v / x) / 2n;
    if (y >= x) return x;
    x = y;
  }
}
