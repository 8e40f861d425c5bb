import { PotError, type PotErrorJson } from '@proof-of-training/halo2-wasm';

/** Errors after which an instance of the module cannot be used any more. */
const BROKEN = ['WASM_OUT_OF_MEMORY', 'WASM_TRAP', 'WASM_LOAD'];

/** Whether a worker has to end its thread after this error. */
export function endsThread(code: string): boolean {
  return BROKEN.includes(code);
}

/** A task's thread died, and so did the second one that tried. `cause`: how the thread ended. */
export function crashError(cause: unknown): PotError {
  const reason = reasonOf(cause);
  return new PotError('PROVER_CRASHED', 'a prover thread ended unexpectedly, twice for the same task', {
    cause: reason ?? cause,
    ...(reason && { details: { reason: reason.code } }),
    hint: 'Often memory: use fewer workers, a smaller circuit, or a machine with more.',
  });
}

/** The typed error with which a worker ended its thread. */
function reasonOf(cause: unknown): PotError | undefined {
  const text = cause instanceof Error ? cause.message : '';
  if (!text.startsWith('{')) return undefined;
  try {
    const json = JSON.parse(text) as PotErrorJson;
    return typeof json.code === 'string' ? PotError.fromJSON(json) : undefined;
  } catch {
    return undefined;
  }
}
