import type { StringCache } from '@proof-of-training/halo2-wasm';
import { ContentCache, cacheDir, defaultCache } from '@proof-of-training/halo2-wasm/node';

/**
 * What of core's settings is used here: where things are kept, and how much of them. Each part may be left out, and has its
 * default then (`ContentCacheOptions`; the user's cache folder). What `loadConfig` gives fits as it is.
 */
export interface CacheSettings {
  cache?: { memoryCacheSizeMb?: number; diskCacheSizeMb?: number; directory?: string | undefined };
}

const caches = new Map<string, ContentCache>();

/**
 * The cache that settings describe, one a process; without any, the default one, in the user's cache folder.
 *
 * @example
 * const cache = cacheFor({ cache: { directory: '.pot-cache' } });
 */
export function cacheFor({ cache: settings = {} }: CacheSettings = {}): ContentCache {
  const parts = Object.entries(settings).filter(([, value]) => value !== undefined);
  if (parts.length === 0) return defaultCache();
  const options = { directory: cacheDir(), ...Object.fromEntries(parts) };
  const key = JSON.stringify(Object.entries(options).sort());
  let cache = caches.get(key);
  if (!cache) {
    cache = new ContentCache(options);
    caches.set(key, cache);
  }
  return cache;
}

/** What Node's functions take besides. */
export interface OnDisk {
  /** Settings, as core's `loadConfig` gives them or in part: their cache is where the development SRS and Lagrange bases are looked for. */
  config?: CacheSettings;
}

/** Options for the function that works everywhere: settings become the cache that they describe. */
export function withCache<T extends object>(options: T & OnDisk): Omit<T, 'config'> & { cache: StringCache } {
  const { config, ...rest } = options;
  const { cache } = rest as { cache?: StringCache };
  return { ...rest, cache: cache ?? cacheFor(config) };
}
