import { type Engine, type Halo2, loadProver, PotError } from 'halo2-wasm';
import { developmentSrs, inspectSrs, type Srs } from 'halo2-wasm/node';
import { cacheFor } from '../config/apply.js';
import type { PotConfig } from '../config/schema.js';
import type { Run } from '../run/identity.js';
import { bytesOf, ceremonyText } from '../run/srs.js';
import { parsePin } from './pin.js';
import type { Checklist } from './report.js';

/** How a verifier chooses the structured reference string. */
export interface ReferenceOptions {
  /** Accept proofs made with the insecure development string. For tests and demonstrations. */
  allowDevelopmentSrs?: boolean;
  /** The string itself, from a powers-of-tau file that the verifier trusts: as `readSrs` gives it, or its bytes. It is checked anew. */
  srs?: Srs | Uint8Array;
  /** The hash (hex) that the string must have: pin it. */
  expectedSrsHash?: string;
  /** What verifies: `wasm`, `native` or `auto`; default: `ZK_ENGINE`, else `auto`. The answer is the same. */
  engine?: Engine;
  /** Of `loadConfig`: its cache is where the development string is looked for. */
  config?: PotConfig;
}

/**
 * The string to verify circuits of `2^k` rows with: the verifier's own, never one that comes with the proofs. `points`:
 * log2 of those that the development string is made with; a given string has those that it has.
 *
 * Errors: `OPTION_INVALID` (`srs` is something else), `SRS_INVALID`, `SRS_DEVELOPMENT_REFUSED`, `SRS_NEEDED` (no string given), `SRS_MISMATCH` (the proofs name another
 * one), `SRS_PIN` (not the pinned one).
 */
export async function referenceFor(
  named: Run['srs'],
  k: number,
  options: ReferenceOptions,
  points = k,
): Promise<{ halo2: Halo2; srs: Srs }> {
  const halo2 = await loadProver({ engine: options.engine });
  let srs: Srs;
  if (options.srs !== undefined) {
    srs = inspectSrs(halo2, bytesOf(options.srs));
  } else if (named.development) {
    if (!options.allowDevelopmentSrs) refuseDevelopment();
    srs = await developmentSrs(halo2, points, cacheFor(options.config));
  } else {
    throw new PotError('SRS_NEEDED', `the proofs need the reference string ${named.hash}`, {
      hint: 'Give the string that you imported from a powers-of-tau file (pot srs import; --srs FILE).',
    });
  }
  // Decided by comparison with the real development string, whatever the proofs say of themselves.
  if (srs.development && !options.allowDevelopmentSrs) refuseDevelopment();
  if (srs.hash !== named.hash || named.k < k || srs.development !== named.development) {
    throw new PotError('SRS_MISMATCH', 'the proofs were made with another reference string than this one', {
      details: { named: named.hash, own: srs.hash },
    });
  }
  const { expectedSrsHash } = options;
  if (
    expectedSrsHash !== undefined &&
    parsePin('expectedSrsHash', expectedSrsHash) !== parsePin('hash', srs.hash)
  ) {
    throw new PotError('SRS_PIN', 'the reference string is not the pinned one', {
      details: { expected: expectedSrsHash, found: srs.hash },
    });
  }
  return { halo2, srs };
}

/** {@link referenceFor} as a step of a verification. `undefined` where it failed. */
export async function checkReference(
  list: Checklist,
  ...request: Parameters<typeof referenceFor>
): Promise<{ halo2: Halo2; srs: Srs } | undefined> {
  let reference: { halo2: Halo2; srs: Srs } | undefined;
  await list.run('reference string', async () => {
    reference = await referenceFor(...request);
    const { development, hash, ceremony } = reference.srs;
    if (development) return 'INSECURE development string, accepted as asked';
    list.ceremony = ceremony;
    return `the verifier's own string ${hash}${ceremony ? ` of ${ceremonyText(ceremony)}` : ', of no ceremony that is known here'}`;
  });
  return reference;
}

/** Errors: `SRS_DEVELOPMENT_REFUSED`, always. */
export function refuseDevelopment(): never {
  throw new PotError(
    'SRS_DEVELOPMENT_REFUSED',
    'the proofs were made with the insecure development string: anyone could have forged them',
    {
      hint: 'Ask for proofs made with a powers-of-tau string, or accept them knowingly with allowDevelopmentSrs.',
    },
  );
}
