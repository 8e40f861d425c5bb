import { checkArgument } from '../check.js';
import { type RateSchedule, SHARE_BITS, scheduleSchema } from './schema.js';

/**
 * A schedule in words: `after 50 steps of warm-up, along a cosine to 0.1 of it in 1000 steps`. Errors: `OPTION_INVALID`.
 *
 * @example
 * scheduleText({ type: 'step', warmup: 0, every: 100, factor: 2 ** 29 }); // times 0.5 every 100 steps
 */
export function scheduleText(schedule: RateSchedule): string {
  checkArgument(scheduleSchema, schedule, 'scheduleText', 'schedule');
  const { warmup } = schedule;
  const rising = warmup > 0 ? `after ${warmup} steps of warm-up` : '';
  return [rising, courseText(schedule)].filter(Boolean).join(', ');
}

function courseText(schedule: RateSchedule): string {
  if (schedule.type === 'constant') return 'constant';
  if (schedule.type === 'step') return `times ${part(schedule.factor)} every ${schedule.every} steps`;
  const to = `to ${part(schedule.end)} of it in ${schedule.steps} steps`;
  if (schedule.type === 'cosine') return `along a cosine ${to}`;
  return schedule.power === 1 ? `in a line ${to}` : `by the power ${schedule.power} ${to}`;
}

function part(share: number): string {
  return String(Number((share / 2 ** SHARE_BITS).toPrecision(6)));
}
