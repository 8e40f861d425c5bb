import { aggregationDigest, isPotError, loadProver } from '@proof-of-training/halo2-wasm';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import { checkArgument } from '../options/index.js';
import { text } from '../options/kinds.js';
import { sha256Field } from '../run/hash.js';
import { type DeriveKey, derivedOnce } from './derivedOnce.js';

/**
 * Derives it: natively in this thread; in WebAssembly by an instance in a thread of its own, so that a circuit for which the
 * memory does not suffice breaks no other verification. Only where there can be no thread (no `Worker`, or its constructor throws;
 * Vite's development server, which leaves the thread's file behind) this thread's instance does it, and no signal ends it.
 * `threads` is the native engine's: in WebAssembly one thread derives it.
 *
 * Errors: those of `loadProver` and `Halo2.aggregation`; `THREADS_UNAVAILABLE` where a thread was made and did not begin.
 *
 * @example
 * import { deriveHere } from '@proof-of-training/verifier';
 *
 * const { run, aggregate } = parseAggregate(file);
 * const aggregationKey = aggregationPin(await deriveHere(run.spec, srs, aggregate.key.windowsPerProof), run.keys.window);
 */
export const deriveHere: DeriveKey = derivedOnce(
  async (spec, srs, places, engine, signal, threads = 0, form) => {
    const halo2 = await loadProver({ engine });
    const specJson = JSON.stringify(spec);
    if (halo2.engine === 'wasm') {
      try {
        return await aggregationDigest({ srs: srs.bytes, specJson, places, form }, signal);
      } catch (e) {
        if (!isPotError(e, 'THREADS_UNAVAILABLE') || e.details.reason !== 'none') throw e;
      }
    }
    signal?.throwIfAborted();
    const aggregation = halo2.aggregation(srs.bytes, specJson, places, { threads, form });
    try {
      return aggregation.info().digest;
    } finally {
      aggregation.free();
    }
  },
);

/**
 * What a verifier pins: one hash of the aggregation key's digest and of the key of the windows that it takes.
 *
 * The aggregation key alone would not do: a file could name another architecture than the one whose windows went into the
 * aggregate, since no public input says which that is.
 *
 * @example
 * const aggregationKey = aggregationPin(digest, bundle.run.keys.window);
 * const report = await verifyAggregate(file, { aggregationKey });
 */
export function aggregationPin(digest: string, windowKey: string): string {
  checkArgument(text, digest, 'aggregationPin', 'digest');
  checkArgument(text, windowKey, 'aggregationPin', 'windowKey');
  return sha256Field(canonicalJson({ format: 'proof-of-training/aggregation-key/v1', digest, windowKey }));
}
