import { ContentCache, cacheDir, defaultCache } from '@proof-of-training/halo2-wasm/node';
import type { PlanInfo } from '@proof-of-training/sgd-circuit';
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
