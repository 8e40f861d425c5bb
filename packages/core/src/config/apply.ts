import { PotError } from '@proof-of-training/halo2-wasm';
import { cacheDir } from '@proof-of-training/halo2-wasm/node';
import type { PlanInfo } from '@proof-of-training/sgd-circuit';
import { defaults, type PotConfig, type QueueSettings } from './schema.js';

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

/** The queue of a configuration; undefined where there is none. Errors: `CONFIG_INVALID` where what belongs to it is not named. */
export function queueOf(config?: PotConfig): QueueSettings | undefined {
  const { queue: url, artefacts, workerList } = config?.prover ?? {};
  if (url === undefined) return undefined;
  const missing = artefacts === undefined ? 'artefacts' : workerList === undefined ? 'workerList' : undefined;
  if (artefacts !== undefined && workerList !== undefined) return { url, artefacts, workerList };
  throw new PotError('CONFIG_INVALID', `prover.queue is set, and prover.${missing} is not`, {
    details: { path: `prover.${missing}` },
    hint: 'A queue needs a shared folder (ZK_ARTEFACTS) and a list of workers (ZK_WORKER_LIST): docs/operate/cluster.md.',
  });
}
