import { randomBytes } from 'node:crypto';
import { asPotError, type PotError } from '@proof-of-training/halo2-wasm';
import { type Border, borderOf } from '../../prove/border.js';
import type { TaskOptions } from '../../prove/checks.js';
import type { ProofExecutor } from '../../prove/executor.js';
import type { StepProver } from '../../step/stepProver.js';
import type { LoraChoice } from './choose.js';
import { type LoraProof, proveUpdates } from './proveUpdates.js';
import type { Steps } from './steps.js';
import type { LoraWindow } from './windows.js';

export interface LoraBatchOptions {
  /** The first proof's run; default: 248 random bits a chain. */
  runId?: string;
  /** Stops it: what is not finished ends with `PROVER_ABORTED`. */
  signal?: AbortSignal;
  /** After each proof. Must not throw. */
  onProgress?: (progress: { done: number; total: number; ok: boolean }) => void;
}

/** How the proof of one window ended. */
export type LoraOutcome = { ok: true; value: LoraProof } | { ok: false; error: PotError; updates: number[] };

/** What the windows of one chain share. */
interface Run {
  runId: string;
  borders: Map<number, Border>;
}

/**
 * Proves windows, `workers` at once with `threads` each. The windows of a chain have one run id, and the commitment at
 * the end of one is the beginning of the next.
 *
 * @param onProven after each proof, with the time that it took
 */
export async function proveWindows(
  prover: StepProver,
  windows: readonly LoraWindow[],
  { workers, threads }: Pick<LoraChoice, 'workers' | 'threads'>,
  { runId, signal, onProgress }: LoraBatchOptions = {},
  onProven: (window: LoraWindow, ms: number) => void = () => {},
): Promise<LoraOutcome[]> {
  const options = { threads, ...(signal && { signal }) };
  const runs = new Map<Steps, Run>();
  const outcomes: LoraOutcome[] = new Array(windows.length);
  let [next, done] = [0, 0];
  const prove = async (window: LoraWindow): Promise<LoraOutcome> => {
    const { steps, first, count, spec } = window;
    const run = runs.get(steps) ?? { runId: runId ?? randomField(), borders: new Map() };
    runs.set(steps, run);
    try {
      const { pool } = await prover.at(spec.shape.k);
      const value = await proveUpdates(
        prover,
        window,
        {
          runId: run.runId,
          before: border(pool, window, run.borders, first, options),
          after: border(pool, window, run.borders, first + count, options),
          dataSalt: new Uint8Array(randomBytes(32)),
        },
        options,
      );
      onProven(window, value.timing.proveMs);
      return { ok: true, value };
    } catch (e) {
      return { ok: false, error: asPotError(e), updates: steps.chain.indices.slice(first, first + count) };
    }
  };
  const lane = async () => {
    for (let index = next++; index < windows.length; index = next++) {
      const outcome = await prove(windows[index]!);
      outcomes[index] = outcome;
      onProgress?.({ done: ++done, total: windows.length, ok: outcome.ok });
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, windows.length) }, lane));
  return outcomes;
}

/** A checkpoint with its commitment: made once, for the window before it and the one after. */
function border(
  pool: ProofExecutor,
  { steps, spec }: LoraWindow,
  borders: Map<number, Border>,
  at: number,
  options: TaskOptions,
): Border {
  const known = borders.get(at);
  if (known) return known;
  const salt = new Uint8Array(randomBytes(32));
  const made = borderOf(pool, spec, { weights: steps.checkpoints[at]!, salt }, options);
  borders.set(at, made);
  return made;
}

function randomField(): string {
  return `0x00${randomBytes(31).toString('hex')}`;
}
