import { PotError } from '@proof-of-training/halo2-wasm';
import type { FitOptions } from './options.js';
import type { SessionFile } from './records.js';
import type { UseCounts } from './useCounts.js';

/** How far a run can go: each opening of a commitment uses up some of what hides its content. */
export interface SessionLimits {
  /** Passes over the shards. */
  epochs: number;
  /** Windows: the fewer of those of all epochs and those that a private base allows. */
  windows: number;
  /** Steps in these windows. */
  steps: number;
}

/** The limits of a run, from its beginning. */
export function limitsOf({
  run,
  maxEpochs,
  maxWindows,
}: Pick<SessionFile, 'run' | 'maxEpochs' | 'maxWindows'>): SessionLimits {
  const windows = Math.min(maxEpochs * run.shards.length, maxWindows ?? Number.POSITIVE_INFINITY);
  return { epochs: maxEpochs, windows, steps: windows * run.spec.steps };
}

/** The step before which `fit` stops: whole windows, and one epoch unless told otherwise. Errors: `OPTION_INVALID` for steps and epochs. */
export function endOfFit(
  { steps, epochs }: FitOptions,
  taken: number,
  { spec, shards }: SessionFile['run'],
): number {
  if (steps !== undefined && epochs !== undefined) {
    throw new PotError('OPTION_INVALID', 'session.fit takes steps or epochs, not both');
  }
  const wanted = steps ?? (epochs ?? 1) * shards.length * spec.steps;
  return Math.ceil((taken + wanted) / spec.steps) * spec.steps;
}

/** Refuses steps up to `end` where the run ends before. Errors: `SALT_EXHAUSTED`, with the steps that are left. */
export function requireWithin(limits: SessionLimits, taken: number, end: number): void {
  if (end <= limits.steps) return;
  const left = Math.max(0, limits.steps - taken);
  throw new PotError(
    'SALT_EXHAUSTED',
    `this run can take ${left} more steps, not ${end - taken}: its commitments hide their contents for ${limits.windows} windows`,
    {
      details: { left, asked: end - taken, ...limits },
      hint:
        left > 0
          ? `fit({ steps: ${left} }), then begin a new run from this model; more data or a smaller window make longer runs.`
          : 'Begin a new run from this model to go on.',
    },
  );
}

/** Refuses a step on a shard whose commitments, or the base's, would no longer hide their contents. Errors: `SALT_EXHAUSTED`. */
export function requireUnused(
  { maxWindows, maxEpochs }: Pick<SessionFile, 'maxEpochs' | 'maxWindows'>,
  uses: Pick<UseCounts, 'windows' | 'shard'>,
  shard: number,
): void {
  if (uses.windows >= (maxWindows ?? Number.POSITIVE_INFINITY)) {
    throw new PotError(
      'SALT_EXHAUSTED',
      `the private base's commitment is hidden for ${maxWindows} windows only`,
      { hint: 'Begin a new run from this model to go on, use longer windows, or a public base.' },
    );
  }
  if (uses.shard(shard) >= maxEpochs) {
    throw new PotError('SALT_EXHAUSTED', `the data's commitments are hidden for ${maxEpochs} epochs only`, {
      hint: 'Each epoch opens every shard once more; begin a new run from this model to go on.',
    });
  }
}
