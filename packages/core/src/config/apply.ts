import { type Halo2, PotError } from '@proof-of-training/halo2-wasm';
import { ContentCache, cacheDir, defaultCache } from '@proof-of-training/halo2-wasm/node';
import { type PlanInfo, type Planned, planSpec, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { defaults, type PotConfig } from './schema.js';

/** Steps a proof where none are asked for, by optimisation level. */
const WINDOWS = [1, 8, 32] as const;

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
 * Rows and columns for a single step, as the planner chooses. `maxK`: of the reference string.
 *
 * Errors: those of the planner; `CIRCUIT_TOO_LARGE` above `circuit.maxConstraints`.
 */
export function planStep(halo2: Halo2, spec: UnplannedSpec, maxK?: number, config?: PotConfig): Planned {
  const planned = planSpec(halo2, spec, maxK === undefined ? {} : { maxK });
  const refusal = tooManyConstraints(planned.info, config?.circuit.maxConstraints);
  if (refusal) throw refusal;
  return planned;
}

/** Where threads keep keys, with the limit of everything in that folder. */
export interface KeyCacheOptions {
  directory: string;
  diskCacheSizeMb: number;
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
