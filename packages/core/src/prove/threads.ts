import { availableParallelism } from 'node:os';
import { type EngineName, MAX_THREADS, PotError, shown } from '@proof-of-training/halo2-wasm';
import { checkOptions, type ShapeFor, whole } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { ProverTask } from './tasks.js';

/** The state of a pool at the moment when a task is about to begin. */
export interface Load {
  /** Tasks that wait, without the one that begins. */
  queued: number;
  /** Tasks that run, without the one that begins. */
  running: number;
  /** Tasks that may run at once. */
  workers: number;
  /** The machine's cores. */
  cores: number;
}

const loadSchema = z.strictObject({
  queued: whole(0),
  running: whole(0),
  workers: whole(1),
  cores: whole(1),
} satisfies ShapeFor<Load>);

/**
 * Threads that a task may use inside its proof: all cores where it is the only one, one where every worker is going
 * to be busy, an equal share in between. At least 1.
 *
 * @example
 * threadsPerTask({ queued: 0, running: 0, workers: 4, cores: 8 }); // 8: alone, it may have them all
 */
export function threadsPerTask(load: Load): number {
  const { queued, running, workers, cores } = checkOptions(loadSchema, load, 'threadsPerTask');
  const atOnce = Math.min(workers, running + queued + 1);
  return Math.max(1, Math.floor(cores / Math.max(1, atOnce)));
}

/** Smaller circuits gain less from threads than starting them costs. */
const ROWS_FOR_THREADS = 13;

/** What one proof gets of the threads that the scheduler allows it. */
export class ThreadsPerProof {
  private readonly all: number;

  constructor(
    private readonly engine: EngineName,
    private readonly fixed?: number,
    machine = cores(),
  ) {
    if (fixed !== undefined) workerCount(fixed);
    this.all = allThreads(engine, machine);
  }

  /**
   * A number that was asked for stays. A native prover takes any; a WebAssembly one is an instance for each number,
   * with keys of its own, so that there are two at most: for one thread, and for all cores where a large proof is alone.
   */
  of(task: ProverTask, allowed: number): number {
    if (this.fixed !== undefined) return this.fixed === -1 ? this.all : this.fixed;
    if (this.engine === 'native') return allowed;
    const proof = task.kind === 'window' || task.kind === 'genesis';
    return proof && task.spec.shape.k >= ROWS_FOR_THREADS && allowed >= this.all ? this.all : 1;
  }
}

/** Threads of a proof that has all cores: a WebAssembly prover may not have more than {@link MAX_THREADS}. */
export function allThreads(engine: EngineName, machine = cores()): number {
  return engine === 'native' ? machine : Math.min(machine, MAX_THREADS);
}

/** Cores that this process may use. */
export function cores(): number {
  return availableParallelism();
}

/**
 * Workers as asked for: -1 is one a core; default: one a core, at most 4 (each may need 1 GB).
 *
 * Errors: `OPTION_INVALID` for anything but -1 and whole numbers from 1.
 */
export function workerCount(asked?: number): number {
  if (asked === undefined) return Math.min(cores(), 4);
  if (asked === -1) return cores();
  if (Number.isInteger(asked) && asked >= 1 && asked <= 1024) return asked;
  throw new PotError('OPTION_INVALID', `${shown(asked)} is no number of workers`, {
    hint: 'Give a whole number from 1, or -1 for one a core.',
  });
}
