import { type Halo2, IGNITION, PotError } from '@proof-of-training/halo2-wasm';
import {
  type ContentCache,
  ceremonySrs,
  cutSrs,
  developmentSrs,
  type Srs,
  warnOfDevelopment,
} from '@proof-of-training/halo2-wasm/node';
import { cacheFor } from '@proof-of-training/verifier/node';
import type { Run } from '@proof-of-training/verifier/run';
import { neededOf } from '@proof-of-training/verifier/run';
import type { PotConfig } from '../config/schema.js';
import type { ProverMetrics } from '../metrics/proverMetrics.js';

/** An SRS, or the word for the INSECURE development SRS. */
export type SrsChoice = Srs | 'development';

/** How whoever proves says which SRS he wants, and where bases are kept. */
export interface SrsOptions {
  srs?: SrsChoice | undefined;
  config?: PotConfig | undefined;
  metrics?: ProverMetrics | undefined;
  onWarning?: ((message: string) => void) | undefined;
}

/** log2 of the rows that a circuit may have: those of a given SRS; any number with the development SRS, or with none. */
export function largestK({ srs }: Pick<SrsOptions, 'srs'>): number | undefined {
  return typeof srs === 'object' ? srs.k : undefined;
}

/**
 * Whether a circuit should rather stay within the ceremony's SRS: none was asked for, and nothing will be made of
 * its proofs that needs a larger one.
 */
export function prefersCeremony({ srs }: Pick<SrsOptions, 'srs'>, aggregated = false): boolean {
  return srs === undefined && !aggregated;
}

/**
 * The SRS to prove circuits of `2^k` rows with, with its Lagrange basis of this size: the given one; without, that of the Ignition ceremony up
 * to 2^14 rows, and above them, or where the proofs will be aggregated (which takes 2^17 points of one SRS), the development SRS, of
 * which the process is warned once.
 *
 * Errors: `SRS_SIZE` (the given one is for fewer rows); those of the cache's functions.
 */
export async function chooseSrs(
  halo2: Halo2,
  k: number,
  options: SrsOptions,
  { aggregated = false } = {},
): Promise<Srs> {
  const { srs } = options;
  const cache = cacheOf(options);
  if (typeof srs === 'object') {
    requireRows(srs, k);
    return warned(await cutSrs(halo2, srs, k, cache), options);
  }
  if (prefersCeremony(options, aggregated) && k <= IGNITION.k) return ceremonySrs(halo2, k, cache);
  return warned(await developmentSrs(halo2, k, cache), options);
}

/**
 * The SRS of a run that goes on: the given one, or the one that the run names. Errors: `SRS_NEEDED`, those of {@link chooseSrs}.
 */
export async function srsOf(halo2: Halo2, named: Run['srs'], k: number, options: SrsOptions): Promise<Srs> {
  if (options.srs !== undefined) return chooseSrs(halo2, k, options);
  if (named.development) return chooseSrs(halo2, k, { ...options, srs: 'development' });
  if (named.hash === IGNITION.hash && k <= IGNITION.k) return chooseSrs(halo2, k, options);
  throw neededOf(named, k);
}

function warned(srs: Srs, { onWarning = console.warn }: SrsOptions): Srs {
  if (srs.development) warnOfDevelopment(onWarning);
  return srs;
}

function requireRows(srs: Srs, k: number): void {
  if (srs.k >= k) return;
  throw new PotError('SRS_SIZE', `the SRS is for 2^${srs.k} rows, the circuit needs 2^${k}`, {
    hint: `Import one for k = ${k}: pot srs import --k ${k}.`,
  });
}

function cacheOf({ config, metrics }: SrsOptions): ContentCache {
  const cache = cacheFor(config);
  metrics?.countCache('srs', cache);
  return cache;
}
