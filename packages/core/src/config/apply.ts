import { cacheDir } from '@proof-of-training/halo2-wasm/node';
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
