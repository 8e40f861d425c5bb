import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { type RateSchedule, SHARE_BITS, scheduleSchema } from './schema.js';

/**
 * How a learning rate is to go. In all of them `initial` is the rate that warm-up ends with, or the first one without it.
 *
 * `steps`, `every` and `warmup` are numbers of steps, counted from the run's first one; `end` is a rate, default 0.
 */
export type LearningRateSchedule = { initial: number; warmup?: number } & (
  | { type: 'constant' }
  | { type: 'step'; every: number; factor: number }
  | { type: 'linear'; steps: number; end?: number }
  | { type: 'polynomial'; steps: number; end?: number; power: number }
  | { type: 'cosine'; steps: number; end?: number }
);

/** A schedule's first rate, and the rest of it as integers; without a schedule where the rate stays what it is. */
export interface ScheduleNumbers {
  learningRate: number;
  schedule?: RateSchedule;
}

const HINT =
  "For example { type: 'cosine', initial: 0.01, steps: 1000, warmup: 50 }; the others are 'constant', 'step' (every, factor), 'linear' and 'polynomial' (power).";
const FIELDS: Record<LearningRateSchedule['type'], readonly string[]> = {
  constant: [],
  step: ['every', 'factor'],
  linear: ['steps', 'end'],
  polynomial: ['steps', 'end', 'power'],
  cosine: ['steps', 'end'],
};

/**
 * A learning rate, or how it is to go, as integers: shares of the first rate have 30 fractional bits.
 *
 * Errors: `LEARNING_RATE_INVALID` for what is none; numbers of steps are whole, `power` from 1 to 8, `factor` between 0 and 1, `end`
 * from 0 to `initial`.
 *
 * @example
 * scheduleNumbers({ type: 'linear', initial: 0.5, steps: 100, end: 0.25 });
 * // { learningRate: 0.5, schedule: { type: 'polynomial', warmup: 0, steps: 100, end: 536870912, power: 1 } }
 */
export function scheduleNumbers(rate: number | LearningRateSchedule): ScheduleNumbers {
  if (typeof rate === 'number') return { learningRate: positive(rate) };
  if (typeof rate !== 'object' || rate === null || !Object.hasOwn(FIELDS, rate.type)) {
    throw invalid(`a learning rate is a number or a schedule, not ${shown(rate)}`);
  }
  const learningRate = positive(rate.initial);
  const known = ['type', 'initial', 'warmup', ...FIELDS[rate.type]];
  const foreign = Object.keys(rate).find((name) => !known.includes(name));
  if (foreign !== undefined) throw invalid(`a schedule of type ${rate.type} has no ${foreign.slice(0, 40)}`);
  const { warmup = 0 } = rate;
  if (rate.type === 'constant' && warmup === 0) return { learningRate };
  const schedule = scheduleSchema.safeParse(integersOf(rate, warmup));
  if (schedule.success) return { learningRate, schedule: schedule.data };
  const path = schedule.error.issues[0]?.path.join('.') ?? '';
  throw invalid(
    `the schedule's ${path || 'values'} cannot be ${shown((rate as Record<string, unknown>)[path])}`,
  );
}

function integersOf(rate: LearningRateSchedule, warmup: number): unknown {
  const share = (part: unknown) => (typeof part === 'number' ? Math.round(part * 2 ** SHARE_BITS) : part);
  switch (rate.type) {
    case 'constant':
      return { type: 'constant', warmup };
    case 'step':
      return { type: 'step', warmup, every: rate.every, factor: share(rate.factor) };
    default: {
      const { type, steps, end = 0, initial } = rate;
      const common = { warmup, steps, end: share(typeof end === 'number' ? end / initial : end) };
      if (type === 'cosine') return { type, ...common };
      return { type: 'polynomial', ...common, power: type === 'linear' ? 1 : rate.power };
    }
  }
}

function positive(rate: unknown): number {
  if (typeof rate === 'number' && rate > 0 && rate < Number.POSITIVE_INFINITY) return rate;
  throw invalid(`a learning rate must be positive and finite, not ${shown(rate)}`);
}

function invalid(message: string): PotError {
  return new PotError('LEARNING_RATE_INVALID', message, { hint: HINT });
}
