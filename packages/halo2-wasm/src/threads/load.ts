import { PotError } from '@proof-of-training/errors';
import type { WasmExports } from '../exports.js';
import { Halo2 } from '../halo2.js';
import { glue } from './artifact.js';
import { startCrew } from './crew.js';

// One at a time: the generated glue holds one instance a JavaScript thread.
let open: { threads: number; halo2: Promise<Halo2> } | undefined;
let closing: Promise<void> = Promise.resolve();

/**
 * The threaded prover of this JavaScript thread, which has one at a time: the same one while it is open.
 *
 * Errors: `THREADS_UNAVAILABLE` where the open one has another number of threads, or the workers do not start.
 */
export async function loadThreaded(
  threads: number,
  module: () => Promise<WebAssembly.Module>,
): Promise<Halo2> {
  if (open && open.threads !== threads) {
    throw new PotError('THREADS_UNAVAILABLE', `a prover with ${open.threads} threads is open here already`, {
      details: { threads, open: open.threads },
      hint: 'Close it first, or load the other one in a worker thread.',
    });
  }
  open ??= { threads, halo2: start(threads, module) };
  const { halo2 } = open;
  return halo2.catch((e) => {
    if (open?.halo2 === halo2) open = undefined;
    throw e;
  });
}

async function start(threads: number, module: () => Promise<WebAssembly.Module>): Promise<Halo2> {
  const compiled = await module();
  await closing;
  const crew = await startCrew(compiled, threads);
  const { memory } = crew;
  return new Halo2(glue as WasmExports, compiled, () => memory.buffer.byteLength, 'wasm', {
    threads,
    memory,
    end: () => {
      open = undefined;
      closing = crew.end();
      return closing;
    },
  });
}
