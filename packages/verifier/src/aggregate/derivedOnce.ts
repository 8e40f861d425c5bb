import type { AggregateForm, Engine, Srs } from '@proof-of-training/halo2-wasm';
import { canonicalJson, type SgdSpec } from '@proof-of-training/sgd-circuit';

/**
 * Digest of the aggregation key for windows of this specification, derived from the public architecture: seconds natively, more in
 * WebAssembly. `places`: windows that one proof takes in, at most. `signal`: nobody waits for it any longer; rejected with its reason.
 * `threads`: those that the verifier was asked for. `form`: what the windows of a run may differ in (`formOf`).
 */
export type DeriveKey = (
  spec: SgdSpec,
  srs: Srs,
  places: number,
  engine?: Engine,
  signal?: AbortSignal,
  threads?: number,
  form?: AggregateForm,
) => Promise<string>;

/** A derivation under way or done, and how many wait for it. */
interface Derivation {
  digest: Promise<string>;
  waiting: number;
  /** Ends it. */
  end: AbortController;
}

/**
 * The same, which derives each digest once: what was derived, this process knows. Nothing that was read from a disk is believed.
 * Who gives up ends his own waiting; the derivation ends with the last who waits.
 */
export function derivedOnce(derive: DeriveKey): DeriveKey {
  const derived = new Map<string, Derivation>();
  return async (spec, srs, places, engine, signal, threads, form = {}) => {
    signal?.throwIfAborted();
    const name = canonicalJson({ spec, srs: srs.hash, places, form });
    let found = derived.get(name);
    if (!found) {
      const end = new AbortController();
      const made = { digest: derive(spec, srs, places, engine, end.signal, threads, form), waiting: 0, end };
      derived.set(name, made);
      made.digest.catch(() => {
        if (derived.get(name) === made) derived.delete(name);
      });
      found = made;
    }
    const { digest, end } = found;
    found.waiting++;
    try {
      return await untilAborted(digest, signal);
    } finally {
      if (--found.waiting === 0 && signal?.aborted) {
        // Whoever comes now begins anew: this one may end without a digest.
        if (derived.get(name) === found) derived.delete(name);
        end.abort(signal.reason);
      }
    }
  };
}

/**
 * What the work gives, or the signal's reason as soon as it is aborted.
 *
 * @example
 * const digest = await untilAborted(derive(spec, srs, 2), signal);
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const forget = () => signal.removeEventListener('abort', abort);
    work.then(resolve, reject).finally(forget);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
