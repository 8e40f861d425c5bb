import type { StringCache } from '@proof-of-training/halo2-wasm';
import { ContentCache, cacheDir, defaultCache } from '@proof-of-training/halo2-wasm/node';

/** What of the settings that core's `loadConfig` gives is used here: where things are kept, and how much of them. */
export interface CacheSettings {
  cache: { memoryCacheSizeMb: number; diskCacheSizeMb: number; directory?: string | undefined };
}

const caches = new Map<string, ContentCache>();

/** The cache that settings describe, one a process; without settings, the default one, in the user's cache folder. */
export function cacheFor(config?: CacheSettings): ContentCache {
  if (!config) return defaultCache();
  const { memoryCacheSizeMb, diskCacheSizeMb, directory = cacheDir() } = config.cache;
  const key = JSON.stringify([directory, memoryCacheSizeMb, diskCacheSizeMb]);
  let cache = caches.get(key);
  if (!cache) {
    cache = new ContentCache({ directory, memoryCacheSizeMb, diskCacheSizeMb });
    caches.set(key, cache);
  }
  return cache;
}

/** What Node's functions take besides. */
export interface OnDisk {
  /** Of core's `loadConfig`: its cache is where the development string and Lagrange bases are looked for. */
  config?: CacheSettings;
}

/** Options for the function that works everywhere: settings become the cache that they describe. */
export function withCache<T extends object>(options: T & OnDisk): Omit<T, 'config'> & { cache: StringCache } {
  const { config, ...rest } = options;
  const { cache } = rest as { cache?: StringCache };
  return { ...rest, cache: cache ?? cacheFor(config) };
}
