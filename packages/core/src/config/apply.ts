import { type PlanInfo, type Planned, planSpec, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { type Halo2, isPotError, PotError } from 'halo2-wasm';
import { ContentCache, cacheDir, defaultCache } from 'halo2-wasm/node';
import type { KeyCacheOptions } from '../prove/keys.js';
import { defaults, type PotConfig } from './schema.js';

/** Steps a proof where none are asked for, by optimisation level. */
const WINDOWS = [1, 8, 32] as const;
/** How many times the rows may be doubled for a smaller proof of a single step, by optimisation level. */
const DOUBLINGS = [0, 1, 3] as const;
/** What a single step's proof should not exceed. */
const SMALL_PROOF_BYTES = 8192;

/** The default window of a configuration's optimisation level. */
export function defaultWindow(config?: PotConfig): number {
  return WINDOWS[config?.circuit.optimizationLevel ?? 1];
}

/** Cells of a planned circuit's table, rows times advice columns: what `circuit.maxConstraints` limits. */
export function cellsOf(info: PlanInfo): number {
  return info.rows * (typeof info.adviceColumns === 'number' ? info.adviceColumns : 0);
}

/** The refusal of a circuit above `circuit.maxConstraints`; undefined where it is within. */
export function tooManyConstraints(info: PlanInfo, limit = Number.POSITIVE_INFINITY): PotError | undefined {
  const cells = cellsOf(info);
  if (cells <= limit) return undefined;
  return new PotError(
    'CIRCUIT_TOO_LARGE',
    `the circuit has ${cells} cells (rows times advice columns), circuit.maxConstraints is ${limit}`,
    { details: { cells, maxConstraints: limit }, hint: 'Use a smaller batch or model, or raise the limit.' },
  );
}

/**
 * Rows and columns for a single step: as the planner chooses, but with more rows and fewer columns where the proof
 * would be larger than 8 KB; how many more, the optimisation level says. `maxK`: of the reference string.
 *
 * Errors: those of the planner; `CIRCUIT_TOO_LARGE` above `circuit.maxConstraints`.
 */
export function planStep(
  halo2: Halo2,
  spec: UnplannedSpec,
  maxK = Number.POSITIVE_INFINITY,
  config?: PotConfig,
): Planned {
  const limit = config?.circuit.maxConstraints;
  let best = planSpec(halo2, spec);
  const refusal = tooManyConstraints(best.info, limit);
  if (refusal) throw refusal;
  const first = best.spec.shape.k;
  const last = Math.min(first + DOUBLINGS[config?.circuit.optimizationLevel ?? 1], maxK);
  for (let k = first + 1; k <= last && best.info.proofBytes > SMALL_PROOF_BYTES; k++) {
    const next = planAt(halo2, spec, k);
    if (!next || tooManyConstraints(next.info, limit)) break;
    if (next.info.proofBytes < best.info.proofBytes) best = next;
  }
  return best;
}

/** Undefined where the planner has no circuit of so many rows. */
function planAt(halo2: Halo2, spec: UnplannedSpec, k: number): Planned | undefined {
  try {
    return planSpec(halo2, spec, { k });
  } catch (e) {
    if (isPotError(e, 'CIRCUIT_TOO_LARGE')) return undefined;
    throw e;
  }
}

/** Where prover threads keep keys: the folder and limit of {@link cacheFor}; undefined where there is no disk part. */
export function keyCacheFor(config?: PotConfig): KeyCacheOptions | undefined {
  const { directory = cacheDir(), diskCacheSizeMb } = (config ?? defaults).cache;
  return diskCacheSizeMb > 0 ? { directory, diskCacheSizeMb } : undefined;
}

const caches = new Map<string, ContentCache>();

/** The cache that a configuration describes, one a process; without configuration, the default one. */
export function cacheFor(config?: PotConfig): ContentCache {
  if (!config) return defaultCache();
  const options = { directory: cacheDir(), ...config.cache };
  const key = JSON.stringify([options.directory, options.memoryCacheSizeMb, options.diskCacheSizeMb]);
  let cache = caches.get(key);
  if (!cache) {
    cache = new ContentCache(options);
    caches.set(key, cache);
  }
  return cache;
}
