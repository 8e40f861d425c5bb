import { PotError } from '@proof-of-training/errors';
import { inNode } from '#platform';

/** Most threads of a WebAssembly prover. More would cost memory and gain nothing: a proof has some tens of columns. */
export const MAX_THREADS = 64;

/**
 * How many threads a prover has here where `asked` are wanted: that many in Node; in a browser that many in a
 * worker of a cross-origin isolated page, and otherwise 1, as a browser's main thread may not wait for others.
 *
 * Errors: `THREADS_UNAVAILABLE` where `asked` is not a whole number of 1 to 64.
 */
export function availableThreads(asked = 1): number {
  if (!Number.isInteger(asked) || asked < 1 || asked > MAX_THREADS) {
    throw new PotError('THREADS_UNAVAILABLE', `a prover has 1 to ${MAX_THREADS} threads, not ${asked}`, {
      details: { threads: asked },
      hint: 'Ask for as many threads as the machine has free cores.',
    });
  }
  return asked === 1 || inNode || (isolated() && mayWait()) ? asked : 1;
}

/** Whether this process or page can have threads at all, in this thread or in its workers. */
export function threadsPossible(): boolean {
  return inNode || isolated();
}

/** Whether a compiled module is the one for several threads. */
export function isThreaded(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.imports(module).some(({ kind }) => kind === 'memory');
}

function isolated(): boolean {
  return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
}

function mayWait(): boolean {
  return (globalThis as { document?: unknown }).document === undefined && typeof Worker === 'function';
}
