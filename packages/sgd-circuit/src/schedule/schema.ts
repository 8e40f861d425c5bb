import { z } from 'zod';

/** Fractional bits of what a schedule multiplies the rate with. */
export const SHARE_BITS = 30;
const ONE = 2 ** SHARE_BITS;

const steps = z
  .int()
  .min(1)
  .max(2 ** 32 - 1);
const warmup = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
/** A part of the first rate, times 2^30. */
const share = z.int().min(0).max(ONE);

/**
 * How a run's learning rate goes, as integers: public, and part of the run's identity. In all of them the rate rises from 0 in `warmup`
 * steps; then it goes from the run's own rate (a share of 1) to the share `end` in `steps` steps, and stays there.
 */
export const scheduleSchema = z.discriminatedUnion('type', [
  /** Warm-up alone. */
  z.strictObject({ type: z.literal('constant'), warmup: warmup.min(1) }),
  /** Times `factor` after every `every` steps. */
  z.strictObject({ type: z.literal('step'), warmup, every: steps, factor: share.min(1).max(ONE - 1) }),
  /** `end + (1 - end) left^power`, where `left` is the part of the steps that is left; 1 is a line. */
  z.strictObject({ type: z.literal('polynomial'), warmup, steps, end: share, power: z.int().min(1).max(8) }),
  /** `end + (1 - end) (1 + cos(pi done)) / 2`, where `done` is the part of the steps that is done. */
  z.strictObject({ type: z.literal('cosine'), warmup, steps, end: share }),
]);

/** A learning-rate schedule as a run has it. */
export type RateSchedule = z.infer<typeof scheduleSchema>;
