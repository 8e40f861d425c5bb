import { isPotError } from '@proof-of-training/errors';
import { cores } from '#platform';
import type { Halo2 } from './halo2.js';
import { type LoadOptions, loadProver } from './loader.js';
import { MAX_THREADS } from './threads/available.js';

/**
 * The prover of this thread, as {@link loadProver} gives it, where `threads: 0` stands for one a core, at most
 * {@link MAX_THREADS}. Nobody asked for a number then: where so many cannot be had (workers do not start, or a prover
 * with another number is open here), it is the prover with one thread.
 *
 * Errors: those of {@link loadProver}; `THREADS_UNAVAILABLE` only for a number that was asked for.
 *
 * @example
 * const halo2 = await loadWithThreads({ threads: 0 });
 * console.log(halo2.threads); // 8 on a machine with 8 cores
 */
export async function loadWithThreads({ threads, ...options }: LoadOptions = {}): Promise<Halo2> {
  if (threads !== 0) return loadProver({ ...options, threads });
  try {
    return await loadProver({ ...options, threads: Math.min(cores(), MAX_THREADS) });
  } catch (e) {
    // The artifact for several may be missing where the other one is not: Vite's development server.
    if (!isPotError(e, 'THREADS_UNAVAILABLE') && !isPotError(e, 'WASM_LOAD')) throw e;
    return loadProver(options);
  }
}
