import {
  aggregationDigest,
  type Engine,
  isPotError,
  loadProver,
  type Srs,
} from '@proof-of-training/halo2-wasm';
import { canonicalJson, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { checkArgument } from '../options/index.js';
import { text } from '../options/kinds.js';
import { sha256Field } from '../run/hash.js';

/**
 * Digest of the aggregation key for windows of this specification, derived from the public architecture: seconds natively, more in
 * WebAssembly. `places`: windows that one proof takes in, at most.
 */
export type DeriveKey = (spec: SgdSpec, srs: Srs, places: number, engine?: Engine) => Promise<string>;

/**
 * The same, which derives each digest once: what was derived, this process knows. Nothing that was read from a disk is believed.
 */
export function derivedOnce(derive: DeriveKey): DeriveKey {
  const derived = new Map<string, Promise<string>>();
  return (spec, srs, places, engine) => {
    const name = canonicalJson({ spec, srs: srs.hash, places });
    let digest = derived.get(name);
    if (!digest) {
      digest = derive(spec, srs, places, engine);
      derived.set(name, digest);
      digest.catch(() => derived.delete(name));
    }
    return digest;
  };
}

/**
 * Derives it: natively in this thread; in WebAssembly by an instance in a thread of its own, so that a circuit for which the
 * memory does not suffice breaks no other verification. Only where a page may start no thread, this thread's instance does it.
 *
 * Errors: those of `loadProver` and `Halo2.aggregation`.
 *
 * @example
 * import { deriveHere } from '@proof-of-training/verifier';
 *
 * const { run, aggregate } = parseAggregate(file);
 * const aggregationKey = aggregationPin(await deriveHere(run.spec, srs, aggregate.key.windowsPerProof), run.keys.window);
 */
export const deriveHere: DeriveKey = derivedOnce(async (spec, srs, places, engine) => {
  const halo2 = await loadProver({ engine });
  const specJson = JSON.stringify(spec);
  if (halo2.engine === 'wasm') {
    try {
      return await aggregationDigest({ srs: srs.bytes, specJson, places });
    } catch (e) {
      if (!isPotError(e, 'THREADS_UNAVAILABLE')) throw e;
    }
  }
  const aggregation = halo2.aggregation(srs.bytes, specJson, places);
  try {
    return aggregation.info().digest;
  } finally {
    aggregation.free();
  }
});

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
