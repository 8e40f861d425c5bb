import { availableParallelism } from 'node:os';
import { type EngineName, type Halo2, isPotError, loadProver } from '@proof-of-training/halo2-wasm';

/** Most threads of a WebAssembly prover. */
const MOST = 64;

/**
 * The prover of this thread with `threads` threads, 0 for all cores. A native one takes any number later; a WebAssembly one is loaded
 * with them, and with one where nobody asked for more and they cannot be started.
 *
 * Errors: those of `loadProver`.
 */
export async function proverWithThreads(engine: EngineName, threads: number): Promise<Halo2> {
  if (engine === 'native') return loadProver({ engine });
  const wanted = threads || Math.min(availableParallelism(), MOST);
  try {
    return await loadProver({ engine, threads: wanted });
  } catch (e) {
    if (threads !== 0 || !isPotError(e, 'THREADS_UNAVAILABLE')) throw e;
    return loadProver({ engine });
  }
}
