import { AggregationThread } from '@proof-of-training/aggregator/node';
import type { Engine } from '@proof-of-training/halo2-wasm';
import type { Srs } from '@proof-of-training/halo2-wasm/node';
import { canonicalJson, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { checkArgument, text } from '@proof-of-training/verifier/options';
import { sha256Field } from '@proof-of-training/verifier/run';

/** Digests that this process has derived. Nothing that was read from a disk is believed. */
const derived = new Map<string, Promise<string>>();

/**
 * Digest of the aggregation key for windows of this specification, derived from the public architecture: seconds the
 * first time in a process, more in WebAssembly.
 *
 * Errors: those of `AggregationThread.start`.
 */
export function derivedKey(spec: SgdSpec, srs: Srs, places: number, engine?: Engine): Promise<string> {
  const name = canonicalJson({ spec, srs: srs.hash, places });
  let digest = derived.get(name);
  if (!digest) {
    digest = derive(spec, srs, places, engine);
    derived.set(name, digest);
    digest.catch(() => derived.delete(name));
  }
  return digest;
}

async function derive(spec: SgdSpec, srs: Srs, places: number, engine?: Engine): Promise<string> {
  const thread = await AggregationThread.start({ srs: srs.bytes, spec, places, ...(engine && { engine }) });
  try {
    return thread.info.digest;
  } finally {
    await thread.close();
  }
}

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
