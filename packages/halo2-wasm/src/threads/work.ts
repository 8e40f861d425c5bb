import { glue, instantiate, type Joining } from './artifact.js';

/**
 * A worker's whole life: joins the prover's threads and works until it is terminated. What stops it otherwise (a
 * panic, a trap, no memory) goes to all threads, so that nobody waits for it.
 */
export function work({ module, memory }: Joining, ready: () => void): void {
  instantiate(module, memory);
  ready();
  try {
    glue.runThread();
  } catch (e) {
    glue.failThread(errorJson(e));
  }
}

function errorJson(e: unknown): string {
  const message = e instanceof Error ? e.message : String(e);
  if (message.startsWith('{')) return message;
  return JSON.stringify({ code: 'WASM_TRAP', message: `a thread of the prover stopped: ${message}` });
}
