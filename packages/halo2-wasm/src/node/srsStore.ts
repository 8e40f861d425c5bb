import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { requireArgument, requireHalo2, requireK, requireText } from '../argument.js';
import { hasBasis } from '../ceremony/bytes.js';
import { inspectSrs, type Srs } from '../ceremony/srs.js';
import * as strings from '../ceremony/strings.js';
import type { Halo2 } from '../halo2.js';
import { parsePin } from '../pin.js';
import { makeFolder, writeFileAtomic } from './atomicFile.js';
import { ContentCache } from './cache/contentCache.js';

export { inspectSrs, type Srs } from '../ceremony/srs.js';

/** What is printed, once a process, wherever the development SRS is used. */
export const DEVELOPMENT_WARNING =
  'INSECURE development SRS: its secret is public, so anyone can forge proofs under it. ' +
  'Circuits of up to 2^14 rows use a real ceremony by default; for larger ones import a powers-of-tau file (pot srs import).';

/** Where this process, whose number it holds, notes that it has warned: threads that start later inherit it. */
const WARNED = 'POT_DEVELOPMENT_WARNED';

/**
 * Gives {@link DEVELOPMENT_WARNING} to `warn` the first time in this process, whoever asks: sessions, provers, and threads
 * that were started after it.
 *
 * @example
 * warnOfDevelopment((message) => console.warn(message));
 */
export function warnOfDevelopment(warn: (message: string) => void): void {
  const self = String(process.pid);
  if (process.env[WARNED] === self) return;
  process.env[WARNED] = self;
  warn(DEVELOPMENT_WARNING);
}

let shared: ContentCache | undefined;

/**
 * The cache of this process, in {@link cacheDir}, where no other is given.
 *
 * @example
 * const srs = await developmentSrs(halo2, 12, defaultCache());
 */
export function defaultCache(): ContentCache {
  shared ??= new ContentCache({ directory: cacheDir() });
  return shared;
}

/**
 * The folder of cached strings: POT_CACHE_DIR, or proof-of-training in the user's cache folder.
 *
 * @example
 * console.log(cacheDir()); // /home/me/.cache/proof-of-training
 */
export function cacheDir(): string {
  const { POT_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return POT_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'proof-of-training');
}

/**
 * The deterministic INSECURE development SRS for `2^k` rows, from the cache or made now (seconds) and cached.
 * A cached file is used only if its hash is right and it is the development SRS; otherwise it is made anew.
 *
 * Errors: `OPTION_INVALID`; the engine's for a k that it does not make.
 *
 * @example
 * const { bytes, hash } = await developmentSrs(await loadProver(), 13);
 */
export async function developmentSrs(halo2: Halo2, k: number, cache = defaultCache()): Promise<Srs> {
  checkMaking(halo2, k, cache, 'developmentSrs');
  return strings.developmentSrs(halo2, k, cache);
}

/**
 * The SRS of the Ignition ceremony for `2^k` rows, up to 2^14, with its Lagrange basis, from the cache or made now and
 * cached: seconds the first time. The powers come with this package; a cached string is used only if the engine finds it right.
 *
 * Errors: `SRS_TOO_SMALL` (k above 14), `SRS_FILE`, `SRS_INVALID`, `OPTION_INVALID`.
 *
 * @example
 * const srs = await ceremonySrs(await loadProver(), 12);
 */
export async function ceremonySrs(
  halo2: Halo2,
  k: number,
  cache: strings.StringCache = defaultCache(),
): Promise<Srs> {
  checkMaking(halo2, k, cache, 'ceremonySrs');
  return strings.ceremonySrs(halo2, k, cache);
}

/**
 * The first 2^k powers of an SRS with their Lagrange basis, from the cache, or made now and cached under the SRS's hash and k.
 *
 * Errors: `SRS_TOO_SMALL`, `SRS_INVALID`, `SRS_SECRET_KNOWN`.
 *
 * @example
 * const small = await cutSrs(halo2, await readSrs(halo2, 'ignition-17.srs'), 12);
 */
export async function cutSrs(
  halo2: Halo2,
  srs: Srs,
  k: number,
  cache: strings.StringCache = defaultCache(),
): Promise<Srs> {
  checkMaking(halo2, k, cache, 'cutSrs');
  return strings.cutSrs(halo2, srs, k, cache);
}

/**
 * Imports a ceremony's file as an SRS for `2^k` rows and stores it in `folder`: snarkjs's .ptau, arkworks's uncompressed KZG10
 * parameters (`alxiong/ark-srs` publishes Ignition so), or compressed powers. Which it is, its content says. An SRS without a Lagrange
 * basis gets one here. Gives the stored file's path, which carries the hash to pin.
 *
 * Errors: `SRS_FILE` (cannot be read); `SRS_INVALID` (damaged, too small, powers that are not consecutive, bytes behind its end);
 * `SRS_SECRET_KNOWN` (nobody contributed to it, or everyone can find its secret); `OPTION_INVALID`.
 *
 * @example
 * const { path, hash, ceremony } = await importSrs(await loadProver(), 'kzg10-aztec20-srs-131072.bin', 17);
 */
export async function importSrs(
  halo2: Halo2,
  file: string,
  k: number,
  folder = cacheDir(),
): Promise<Srs & { path: string }> {
  requireHalo2(halo2, 'importSrs');
  requireText(file, 'importSrs', 'file');
  requireK(k, 'importSrs');
  requireText(folder, 'importSrs', 'folder');
  const content = await readFile(file).catch((cause) => {
    throw new PotError('SRS_FILE', `the powers-of-tau file ${file} cannot be read`, { cause });
  });
  const imported = halo2.srsImport(new Uint8Array(content), k);
  const srs = inspectSrs(halo2, hasBasis(imported) ? imported : halo2.srsCut(imported, k));
  const path = join(folder, `srs-${srs.k}-${srs.hash.replace(/^0x/, '').slice(0, 16)}.bin`);
  makeFolder(folder);
  await writeFileAtomic(path, srs.bytes);
  return { ...srs, path };
}

/** As {@link importSrs}: the name from when .ptau files were the only ones. */
export const importPtau = importSrs;

/**
 * Reads a stored string and checks it. `expectedHash`: the hash that `importSrs` gave, as people copy it.
 *
 * Errors: `SRS_FILE`, `SRS_INVALID`, `SRS_SECRET_KNOWN`; `SRS_HASH` where the file has another hash; `PIN_INVALID` for one that is
 * no hash; `OPTION_INVALID`.
 *
 * @example
 * const srs = await readSrs(await loadProver(), 'ignition-17.srs', expectedHash);
 */
export async function readSrs(halo2: Halo2, path: string, expectedHash?: string): Promise<Srs> {
  requireHalo2(halo2, 'readSrs');
  requireText(path, 'readSrs', 'path');
  const expected = expectedHash === undefined ? undefined : parsePin('expectedHash', expectedHash).slice(2);
  const bytes = await readFile(path).catch((cause) => {
    throw new PotError('SRS_FILE', `the SRS ${path} cannot be read`, { cause });
  });
  const srs = inspectSrs(halo2, new Uint8Array(bytes));
  if (expected !== undefined && srs.hash !== expected) {
    throw new PotError('SRS_HASH', `the SRS ${path} has another hash than the pinned one`, {
      details: { expected, found: srs.hash },
    });
  }
  return srs;
}

function checkMaking(halo2: Halo2, k: number, cache: strings.StringCache, where: string): void {
  requireHalo2(halo2, where);
  requireK(k, where);
  requireArgument(typeof cache?.getOrMake === 'function', where, 'cache', 'be a ContentCache', cache);
}
