import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Ceremony, ceremonyOf } from '../ceremony/known.js';
import { PotError } from '../errors.js';
import type { Halo2, SrsInfo } from '../halo2.js';
import { makeFolder, writeFileAtomic } from './atomicFile.js';
import { ContentCache } from './cache/contentCache.js';

/** A structured reference string and what is known about it. */
export interface Srs extends SrsInfo {
  bytes: Uint8Array;
  /** The public ceremony that it comes from, where it is one that this library knows by its [tau]_2. */
  ceremony?: Ceremony;
}

/** What is printed, once a process, wherever the development string is used. */
export const DEVELOPMENT_WARNING =
  'INSECURE development reference string: its secret is public, so anyone can forge proofs under it. ' +
  'For proofs that mean something, import a powers-of-tau file (pot srs import).';

/** Where this process, whose number it holds, notes that it has warned: threads that start later inherit it. */
const WARNED = 'POT_DEVELOPMENT_WARNED';

/**
 * Gives {@link DEVELOPMENT_WARNING} to `warn` the first time in this process, whoever asks: sessions, provers, and threads
 * that were started after it.
 */
export function warnOfDevelopment(warn: (message: string) => void): void {
  const self = String(process.pid);
  if (process.env[WARNED] === self) return;
  process.env[WARNED] = self;
  warn(DEVELOPMENT_WARNING);
}

let shared: ContentCache | undefined;

/** The cache of this process, in {@link cacheDir}, where no other is given. */
export function defaultCache(): ContentCache {
  shared ??= new ContentCache({ directory: cacheDir() });
  return shared;
}

/** The folder of cached strings: POT_CACHE_DIR, or proof-of-training in the user's cache folder. */
export function cacheDir(): string {
  const { POT_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return POT_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'proof-of-training');
}

/** What has been found out about strings that are in memory: checking one takes longer than reading it. */
const inspected = new WeakMap<Uint8Array, Srs>();

/**
 * The deterministic INSECURE development string for `2^k` rows, from the cache or made now (seconds) and cached.
 * A cached file is used only if its hash is right and it is the development string; otherwise it is made anew.
 */
export async function developmentSrs(halo2: Halo2, k: number, cache = defaultCache()): Promise<Srs> {
  const accept = (bytes: Uint8Array) => {
    const srs = tryInspect(halo2, bytes);
    if (!srs?.development || srs.k !== k) return false;
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

/**
 * Imports a powers-of-tau file (snarkjs's .ptau) as a string for `2^k` rows and stores it in `folder`.
 * Gives the stored file's path, which carries the hash to pin.
 *
 * Errors: `SRS_FILE` (cannot be read), and the codes of the module where the file is damaged, too small or
 * its powers are not consistent.
 */
export async function importPtau(
  halo2: Halo2,
  ptauPath: string,
  k: number,
  folder = cacheDir(),
): Promise<Srs & { path: string }> {
  const ptau = await readFile(ptauPath).catch((cause) => {
    throw new PotError('SRS_FILE', `the powers-of-tau file ${ptauPath} cannot be read`, { cause });
  });
  const srs = inspectSrs(halo2, halo2.srsFromPtau(new Uint8Array(ptau), k));
  const path = join(folder, `srs-${srs.k}-${srs.hash.replace(/^0x/, '').slice(0, 16)}.bin`);
  makeFolder(folder);
  await writeFileAtomic(path, srs.bytes);
  return { ...srs, path };
}

/** Reads a stored string. With `expectedHash`, `SRS_HASH` where the file is another one. */
export async function readSrs(halo2: Halo2, path: string, expectedHash?: string): Promise<Srs> {
  const bytes = await readFile(path).catch((cause) => {
    throw new PotError('SRS_FILE', `the reference string ${path} cannot be read`, { cause });
  });
  const srs = inspectSrs(halo2, new Uint8Array(bytes));
  if (expectedHash !== undefined && srs.hash !== expectedHash) {
    throw new PotError('SRS_HASH', `the reference string ${path} has another hash than the pinned one`, {
      details: { expected: expectedHash, found: srs.hash },
    });
  }
  return srs;
}

/** Checks a string and attaches size, hash, kind and ceremony to a string's bytes. */
export function inspectSrs(halo2: Halo2, bytes: Uint8Array): Srs {
  const { k, hash, development } = halo2.srsInspect(bytes);
  const ceremony = ceremonyOf(bytes);
  return { bytes, k, hash, development, ...(ceremony && { ceremony }) };
}

function tryInspect(halo2: Halo2, bytes: Uint8Array): Srs | undefined {
  try {
    return inspectSrs(halo2, bytes);
  } catch {
    return undefined;
  }
}
