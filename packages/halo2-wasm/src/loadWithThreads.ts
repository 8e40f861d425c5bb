import { isPotError } from '@proof-of-training/errors';
import { cores, mayLackFiles } from '#platform';
import type { Halo2 } from './halo2.js';
import { type LoadOptions, loadProver } from './loader.js';
import { MAX_THREADS } from './threads/available.js';

/**
 * The prover of this thread, as {@link loadProver} gives it, where `threads: 0` stands for one a core, at most
 * {@link MAX_THREADS}. Nobody asked for a number then: where so many cannot be had (workers do not start, or a prover
 * with another number is open here), it is the prover with one thread. So it is where Vite's development server leaves the
 * file for several behind; elsewhere a missing or damaged one is an error.
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
    const leftBehind = mayLackFiles && isPotError(e, 'WASM_LOAD');
    if (!leftBehind && !isPotError(e, 'THREADS_UNAVAILABLE')) throw e;
    return loadProver(options);
  }
}
