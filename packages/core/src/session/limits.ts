import { PotError } from '@proof-of-training/halo2-wasm';
import type { SessionFile } from './records.js';

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
