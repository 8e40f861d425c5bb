import { isPotError, PotError } from '@proof-of-training/errors';

/** What to do about the errors that come out of the WebAssembly module, by code. */
const HINTS: Record<string, string> = {
  SRS_TOO_SMALL: 'Use an SRS for more rows (pot srs), or a smaller model, batch or window.',
  SPEC_INVALID: 'Correct the named field of the specification.',
  AGGREGATION_TOO_LARGE:
    'Give fewer windows a proof, or aggregate with the native engine (docs/operate/engines.md).',
  CIRCUIT_TOO_LARGE: 'Use a smaller window or batch, or more weight columns.',
};

/**
 * Turns whatever a call into the WebAssembly module threw into a {@link PotError}.
 *
 * The module throws errors whose message is JSON `{code, message, details?}`. A trap means that the instance
 * is unusable from then on: `WASM_OUT_OF_MEMORY` or `WASM_TRAP`.
 */
export function fromWasmError(e: unknown): PotError {
  if (isPotError(e)) return e;
  const message = e instanceof Error ? e.message : String(e);
  const parsed = parse(message);
  if (parsed) {
    const hint = parsed.hint ?? HINTS[parsed.code];
    return PotError.fromJSON({ ...parsed, ...(hint !== undefined && { hint }) }, e);
  }
  if (message.startsWith('Invalid stale object')) {
    return new PotError('PROVER_CLOSED', 'the prover is closed', { cause: e });
  }
  if (e instanceof RangeError || /memory|allocation/i.test(message)) {
    return new PotError('WASM_OUT_OF_MEMORY', 'the prover ran out of WebAssembly memory (4 GiB at most)', {
      cause: e,
      hint: 'Use a smaller model, batch or window; plan() estimates the memory before proving.',
    });
  }
  if (typeof WebAssembly !== 'undefined' && e instanceof WebAssembly.RuntimeError) {
    return new PotError('WASM_TRAP', `the prover stopped inside WebAssembly: ${message}`, {
      cause: e,
      hint: 'The instance cannot be used any more: load it again. If memory was short, use a smaller circuit.',
    });
  }
  return new PotError('WASM_ERROR', message, { cause: e });
}

/** Runs `call` and turns what it throws into a {@link PotError}. */
export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (e) {
    throw fromWasmError(e);
  }
}

function parse(
  message: string,
): { code: string; message: string; details?: Record<string, unknown>; hint?: string } | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(message);
    if (typeof value !== 'object' || value === null) return undefined;
    const { code, message: text, details, hint } = value as Record<string, unknown>;
    if (typeof code !== 'string' || typeof text !== 'string') return undefined;
    return {
      code,
      message: text,
      ...(details !== undefined && {
        details:
          typeof details === 'object' && details !== null
            ? (details as Record<string, unknown>)
            : { details },
      }),
      ...(typeof hint === 'string' && { hint }),
    };
  } catch {
    return undefined;
  }
}
