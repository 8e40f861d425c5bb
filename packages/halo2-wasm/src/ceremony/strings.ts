import { PotError } from '@proof-of-training/errors';
import { requireArgument, requireHalo2, requireK } from '../argument.js';
import type { Halo2 } from '../halo2.js';
import { hasBasis, hashOf, powersAlone } from './bytes.js';
import { IGNITION, ignitionPowers } from './ignition.js';
import { ceremonyOf } from './known.js';
import { pageCache } from './pageCache.js';
import { inspectSrs, type Srs, tryInspect } from './srs.js';

/** Where bases are kept: `ContentCache` in Node, {@link pageCache} in a browser. */
export interface StringCache {
  getOrMake(
    id: string,
    make: () => Uint8Array | Promise<Uint8Array>,
    accept: (bytes: Uint8Array) => boolean,
  ): Promise<Uint8Array>;
}

/** The largest powers that have been expanded; smaller ones are cut from them. */
let expanded: Promise<Srs> | undefined;
let expandedK = 0;

/**
 * The first 2^k powers of Ignition, up to 2^14, checked, without a Lagrange basis: all that a verifier takes, in well under a second for
 * a small circuit. From the file in this package, never from a cache.
 *
 * Errors: `SRS_TOO_SMALL` (k above 14), `SRS_FILE`, `SRS_INVALID` (the file was altered).
 *
 * @example
 * const srs = await ceremonyPowers(halo2, 11);
 * halo2.prover(srs.bytes).verify(specJson, publicJson, proof);
 */
export async function ceremonyPowers(halo2: Halo2, k: number): Promise<Srs> {
  requireHalo2(halo2, 'ceremonyPowers');
  requireK(k, 'ceremonyPowers');
  requireSize(k);
  if (!expanded || expandedK < k) {
    expandedK = k;
    const made = expand(halo2, k);
    expanded = made;
    made.catch(() => {
      if (expanded === made) [expanded, expandedK] = [undefined, 0];
    });
  }
  const srs = await expanded;
  return srs.k === k ? srs : { ...srs, k, bytes: powersAlone(srs.bytes, k) };
}

function requireSize(k: number): void {
  if (k <= IGNITION.k) return;
  throw new PotError(
    'SRS_TOO_SMALL',
    `the powers of Ignition in this package serve 2^${IGNITION.k} rows, not 2^${k}`,
    {
      details: { k, has: IGNITION.k },
      hint: `Import a larger file of the ceremony (pot srs import FILE --k ${k}) and give it.`,
    },
  );
}

/** The import has checked the powers against [tau]_2; with that of the ceremony, they are the ceremony's. */
async function expand(halo2: Halo2, k: number): Promise<Srs> {
  const bytes = halo2.srsImport(await ignitionPowers(), k);
  const ceremony = ceremonyOf(bytes);
  if (ceremony?.id !== 'ignition') {
    throw new PotError('SRS_FILE', "the ceremony's powers that come with this package are another SRS's", {
      hint: 'Install the package again; it must hold ceremony/ignition14.bin.',
    });
  }
  return { bytes, k, hash: IGNITION.hash, development: false, ceremony };
}

/**
 * The SRS of Ignition for `2^k` rows, up to 2^14, with its Lagrange basis: what proves. The basis is made once and cached; a cached one is
 * checked before it is used, and made again where it is not right.
 *
 * `cache`: default: the page's Cache Storage in a browser; elsewhere none. (`@proof-of-training/halo2-wasm/node` has the same function with a cache on disk.)
 *
 * Errors: those of {@link ceremonyPowers}.
 *
 * @example
 * const srs = await ceremonySrs(await loadProver(), 12);
 * console.log(srs.ceremony?.name, srs.development); // Aztec Ignition false
 */
export async function ceremonySrs(halo2: Halo2, k: number, cache: StringCache = pageCache): Promise<Srs> {
  requireHalo2(halo2, 'ceremonySrs');
  requireK(k, 'ceremonySrs');
  requireSize(k);
  return withBasis(halo2, IGNITION.hash, k, cache, async () => (await ceremonyPowers(halo2, k)).bytes);
}

/**
 * The first 2^k powers of any SRS, with their Lagrange basis, which is made once and cached under the SRS's hash and k. A
 * string of this size that has its basis is given back as it is.
 *
 * Errors: `SRS_TOO_SMALL`, `SRS_INVALID`, `SRS_SECRET_KNOWN`, `OPTION_INVALID`.
 *
 * @example
 * const small = await cutSrs(halo2, inspectSrs(halo2, bytes), 12);
 */
export async function cutSrs(
  halo2: Halo2,
  srs: Srs,
  k: number,
  cache: StringCache = pageCache,
): Promise<Srs> {
  requireHalo2(halo2, 'cutSrs');
  requireK(k, 'cutSrs');
  const right = srs?.bytes instanceof Uint8Array && Number.isInteger(srs.k);
  requireArgument(right, 'cutSrs', 'srs', 'be what readSrs gives', srs);
  const { bytes } = srs;
  if (srs.k === k && hasBasis(bytes)) return srs;
  if (srs.k < k) {
    throw new PotError('SRS_TOO_SMALL', `2^${k} points are needed, the SRS has 2^${srs.k}`);
  }
  return basisOf(halo2, bytes, k, cache);
}

/**
 * As {@link cutSrs}, for bytes of which nothing is known yet: what it gives is checked, or was when it was cached under the hash of these bytes and
 * is checked again. Bytes behind the first 2^k powers are not looked at.
 *
 * @example
 * const srs = await basisOf(halo2, new Uint8Array(await file.arrayBuffer()), 12);
 */
export async function basisOf(
  halo2: Halo2,
  bytes: Uint8Array,
  k: number,
  cache: StringCache = pageCache,
): Promise<Srs> {
  return withBasis(halo2, await hashOf(bytes), k, cache, () => powersAlone(bytes, k));
}

/**
 * The deterministic INSECURE development SRS for `2^k` rows, from the cache or made now (seconds) and cached. A cached one is
 * used only if its hash is right and it is the development SRS; otherwise it is made anew. (`@proof-of-training/halo2-wasm/node`
 * has the same function with a cache on disk.)
 *
 * Errors: `OPTION_INVALID`; the engine's for a k that it does not make.
 *
 * @example
 * const srs = await developmentSrs(await loadProver(), 10);
 * console.log(srs.development); // true: anyone can forge proofs under it
 */
export async function developmentSrs(halo2: Halo2, k: number, cache: StringCache = pageCache): Promise<Srs> {
  requireHalo2(halo2, 'developmentSrs');
  requireK(k, 'developmentSrs');
  const accept = (bytes: Uint8Array) => {
    const srs = tryInspect(halo2, bytes);
    if (!srs?.development || srs.k !== k || !hasBasis(bytes)) return false;
    inspected.set(bytes, srs);
    return true;
  };
  const bytes = await cache.getOrMake(`srs/development/${k}`, () => halo2.srsDevelopment(k), accept);
  let srs = inspected.get(bytes);
  if (!srs) {
    srs = inspectSrs(halo2, bytes);
    inspected.set(bytes, srs);
  }
  return srs;
}

/** What has been found out about strings that are in memory: checking one takes longer than reading it. */
const inspected = new WeakMap<Uint8Array, Srs>();

async function withBasis(
  halo2: Halo2,
  hash: string,
  k: number,
  cache: StringCache,
  powers: () => Uint8Array | Promise<Uint8Array>,
): Promise<Srs> {
  const accept = (bytes: Uint8Array) => {
    const srs = tryInspect(halo2, bytes);
    if (srs?.hash !== hash || srs.k !== k || !hasBasis(bytes)) return false;
    inspected.set(bytes, srs);
    return true;
  };
  const make = async () => halo2.srsCut(await powers(), k);
  const bytes = await cache.getOrMake(`srs/${hash}/${k}`, make, accept);
  if (!inspected.has(bytes) && !accept(bytes)) {
    throw new PotError('SRS_INVALID', 'the points are not consecutive powers of one tau');
  }
  return inspected.get(bytes)!;
}
