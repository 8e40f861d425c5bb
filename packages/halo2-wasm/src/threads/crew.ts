import { PotError } from '@proof-of-training/errors';
import { spawnThread } from '#platform';
import { guarded } from '../wasmError.js';
import { glue, instantiate } from './artifact.js';
import type { Thread } from './thread.js';

/** The threads of one prover: the one that made it, and its workers. */
export interface Crew {
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  /** Ends the workers and gives the memory back. Nothing of the instance may be used afterwards. */
  end(): Promise<void>;
}

/** Instantiates the threaded module in this thread and in `threads - 1` workers. Errors: `THREADS_UNAVAILABLE`. */
export async function startCrew(module: WebAssembly.Module, threads: number): Promise<Crew> {
  const workers: Thread[] = [];
  let memory: WebAssembly.Memory | undefined;
  const end = async () => {
    await Promise.all(workers.map((worker) => worker.end()));
    if (memory) glue.__wbg_reset_state();
  };
  try {
    memory = instantiate(module);
    const joining = { module, memory };
    const started = await Promise.allSettled(Array.from({ length: threads - 1 }, () => spawnThread(joining)));
    for (const result of started) if (result.status === 'fulfilled') workers.push(result.value);
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    guarded(() => glue.startPool(threads));
    return { threads, memory, end };
  } catch (cause) {
    await end();
    throw new PotError('THREADS_UNAVAILABLE', `a prover with ${threads} threads could not be started`, {
      cause,
      details: { threads },
      hint: 'Ask for fewer threads; 1 needs neither shared memory nor workers.',
    });
  }
}
