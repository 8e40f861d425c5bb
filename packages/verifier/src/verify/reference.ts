import {
  basisOf,
  ceremonySrs,
  developmentSrs,
  type Engine,
  formOf,
  type Halo2,
  IGNITION,
  inspectSrs,
  loadWithThreads,
  PotError,
  parsePin,
  type Srs,
  type StringCache,
} from '@proof-of-training/halo2-wasm';
import type { Run } from '../run/schema.js';
import { bytesOf, ceremonyText, neededOf } from '../run/srs.js';
import type { Checklist } from './report.js';

/** How a verifier chooses the structured reference string. */
export interface ReferenceOptions {
  /** Accept proofs made with the insecure development SRS. For tests and demonstrations. */
  allowDevelopmentSrs?: boolean;
  /**
   * The SRS itself, from a powers-of-tau file that the verifier trusts: as `readSrs` gives it, or its bytes. It is checked anew. Not
   * needed for proofs under the Ignition ceremony: its powers for 2^14 rows come with this library.
   */
  srs?: Srs | Uint8Array;
  /** The hash (hex) that the SRS must have: pin it. */
  expectedSrsHash?: string;
  /** What verifies: `wasm`, `native` or `auto`; default: `ZK_ENGINE`, else `auto`. The answer is the same. */
  engine?: Engine;
  /**
   * Threads that verify, with either engine (docs/operate/threads.md); 0: one a core. Default: one in WebAssembly, one a core
   * natively.
   */
  threads?: number;
  /**
   * Where the development SRS and Lagrange bases are kept. Default: in a browser the page's Cache Storage, elsewhere this
   * process's memory. (In Node's entry: the user's cache folder.)
   */
  cache?: StringCache;
}

/** What an SRS is needed for. */
export interface ReferenceNeeds {
  /** log2 of the points; default: of the circuits' rows. A given SRS has those that it has. */
  points?: number;
  /** All of a given SRS, for an aggregation's key; otherwise its first powers, cut to `points`. */
  all?: boolean;
}

/**
 * The SRS to verify circuits of `2^k` rows with: the verifier's own, never one that comes with the proofs. The given one; else, where the
 * proofs name it, that of the Ignition ceremony, from this library's own powers, or, if allowed, the development SRS. Powers alone would do;
 * with a Lagrange basis, which is made once and cached, verifying keys are derived several times faster.
 *
 * Errors: `OPTION_INVALID` (`srs` is something else), `SRS_INVALID`, `SRS_DEVELOPMENT_REFUSED`, `SRS_NEEDED` (no SRS given), `SRS_MISMATCH` (the proofs name another
 * one), `SRS_PIN` (not the pinned one).
 *
 * @example
 * const { halo2, srs } = await referenceFor(run.srs, run.spec.shape.k, { expectedSrsHash });
 * const prover = halo2.prover(srs.bytes);
 */
export async function referenceFor(
  named: Run['srs'],
  k: number,
  options: ReferenceOptions,
  needs: ReferenceNeeds = {},
): Promise<{ halo2: Halo2; srs: Srs }> {
  const { engine, threads } = options;
  const halo2 = await loadWithThreads({ engine, threads });
  const srs = await ownSrs(halo2, named, k, options, needs);
  // Decided by comparison with the real development SRS, whatever the proofs say of themselves.
  if (srs.development && !options.allowDevelopmentSrs) refuseDevelopment();
  if (srs.hash !== named.hash || named.k < k || srs.development !== named.development) {
    throw new PotError('SRS_MISMATCH', 'the proofs were made with another SRS than this one', {
      details: { named: named.hash, own: srs.hash },
    });
  }
  const { expectedSrsHash } = options;
  if (
    expectedSrsHash !== undefined &&
    parsePin('expectedSrsHash', expectedSrsHash) !== parsePin('hash', srs.hash)
  ) {
    throw new PotError('SRS_PIN', 'the SRS is not the pinned one', {
      details: { expected: expectedSrsHash, found: srs.hash },
    });
  }
  return { halo2, srs };
}

async function ownSrs(
  halo2: Halo2,
  named: Run['srs'],
  k: number,
  { srs: given, allowDevelopmentSrs, cache }: ReferenceOptions,
  { points = k, all = false }: ReferenceNeeds,
): Promise<Srs> {
  if (given !== undefined) {
    const bytes = bytesOf(given);
    const { k: has, basis } = formOf(bytes);
    const whole = all || has < points || (has === points && basis);
    return whole ? inspectSrs(halo2, bytes) : basisOf(halo2, bytes, points, cache);
  }
  if (named.development) {
    if (!allowDevelopmentSrs) refuseDevelopment();
    return developmentSrs(halo2, points, cache);
  }
  if (named.hash !== IGNITION.hash || points > IGNITION.k) throw neededOf(named, points);
  return ceremonySrs(halo2, points, cache);
}

/** Whether two files name one SRS: hashes are written with 0x or without. */
export function sameSrs(a: { hash: string }, b: { hash: string }): boolean {
  return parsePin('hash', a.hash) === parsePin('hash', b.hash);
}

/** An engine, and the verifier's own SRS. */
export interface Reference {
  halo2: Halo2;
  srs: Srs;
}

/** {@link referenceFor} as a step of a verification. `undefined` where it failed. */
export async function checkReference(
  list: Checklist,
  ...request: Parameters<typeof referenceFor>
): Promise<Reference | undefined> {
  let reference: Reference | undefined;
  await list.run('reference string', async () => {
    reference = await referenceFor(...request);
    const { development, hash, ceremony } = reference.srs;
    if (development) return 'INSECURE development SRS, accepted as asked';
    list.ceremony = ceremony;
    return `the verifier's own SRS ${hash}${ceremony ? ` of ${ceremonyText(ceremony)}` : ', of no ceremony that is known here'}`;
  });
  return reference;
}

/**
 * Errors: `SRS_DEVELOPMENT_REFUSED`, always.
 *
 * @example
 * if (run.srs.development) refuseDevelopment();
 */
export function refuseDevelopment(): never {
  throw new PotError(
    'SRS_DEVELOPMENT_REFUSED',
    'the proofs were made with the insecure development SRS: anyone could have forged them',
    {
      hint: 'Ask for proofs made on the SRS of a ceremony, or accept them knowingly with allowDevelopmentSrs.',
    },
  );
}
