import { PotError } from '@proof-of-training/halo2-wasm';
import type { FitOptions } from './options.js';
import type { SessionFile } from './records.js';
import type { UseCounts, Used } from './useCounts.js';

/** How far a run can go. */
export interface SessionLimits {
  /** Passes over the shards. */
  epochs: number;
  /** Windows: as many as a bundle has. */
  windows: number;
  /** Steps in these windows. */
  steps: number;
}

/** Most windows of a bundle, and steps that a statement can name. */
const MAX_WINDOWS = 1_000_000;
const MAX_STEPS = 2 ** 32 - 1;

type Salts = Pick<SessionFile, 'maxEpochs' | 'maxWindows'>;

/** The limits of a run, from its beginning. Commitments that hide their contents no more are made anew (renewals.ts), and are none. */
export function limitsOf({ run }: Pick<SessionFile, 'run'>): SessionLimits {
  const windows = Math.min(MAX_WINDOWS, Math.floor(MAX_STEPS / run.spec.steps));
  return { epochs: Math.floor(windows / run.shards.length), windows, steps: windows * run.spec.steps };
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

/** Refuses steps up to `end` where the run ends before. Errors: `RUN_TOO_LONG`, with the steps that are left. */
export function requireWithin(limits: SessionLimits, taken: number, end: number): void {
  if (end <= limits.steps) return;
  const left = Math.max(0, limits.steps - taken);
  throw new PotError(
    'RUN_TOO_LONG',
    `this run can take ${left} more steps, not ${end - taken}: a run has at most ${limits.windows} windows`,
    {
      details: { left, asked: end - taken, ...limits },
      hint:
        left > 0
          ? `fit({ steps: ${left} }), then begin a new run from this model; longer windows make longer runs.`
          : 'Begin a new run from this model to go on.',
    },
  );
}

/**
 * What the next window uses, which is on `shard`: the latest commitment to it and to a private base, or a new one where that is kept free
 * for the renewal that leads on from it. Counts are of windows: the genesis proof and renewals come on top.
 *
 * Errors: `SALT_EXHAUSTED` where nothing is left for a renewal.
 */
export function nextUses({ maxEpochs, maxWindows }: Salts, uses: UseCounts, shard: number): Used {
  const commitment = nextNumber('the data', maxEpochs, (n) => uses.shard(shard, n) + (n > 0 ? 1 : 0));
  // One proof more than windows: the first is of the genesis proof, as later ones are of their renewals.
  const baseCommitment =
    maxWindows === undefined ? 0 : nextNumber('the private base', maxWindows + 1, (n) => uses.base(n) + 1);
  return { shard, ...(commitment > 0 && { commitment }), ...(baseCommitment > 0 && { baseCommitment }) };
}

/** `most`: proofs that one salt is good for. `taken`: how many it was in; 1 for a later one that no window used, its renewal. */
function nextNumber(what: string, most: number, taken: (n: number) => number): number {
  let latest = 0;
  while (taken(latest + 1) > 1) latest++;
  const used = taken(latest);
  // This window, and later the renewal.
  if (used + 2 <= most) return latest;
  // The renewal; then the new one's renewal, its window, and what renews it in turn.
  if (used + 1 <= most && most >= 3) return latest + 1;
  throw new PotError(
    'SALT_EXHAUSTED',
    `the commitments to ${what} hide their content in ${most} proofs only`,
    {
      hint: 'None is left for a proof that leads to a new commitment. Begin a new run from this model to go on.',
    },
  );
}
