import { PotError } from '@proof-of-training/errors';
import { LRUCache } from 'lru-cache';
import { requireArgument, requireText } from '../../argument.js';
import { DiskStore } from './diskStore.js';

export interface ContentCacheOptions {
  /** Folder of the disk part; without it, entries are kept in memory only. */
  directory?: string;
  /** Largest memory part in MB (2^20 bytes); 0: none. Default 256. */
  memoryCacheSizeMb?: number;
  /** Largest disk part in MB; 0: none. Default 4096. */
  diskCacheSizeMb?: number;
}

/**
 * Bytes by id, in memory (least recently used go first) and on disk (checked by SHA-256 on reading; longest unused go
 * first), for several processes at once. An id must name its content: whoever makes it again must get bytes that
 * serve as well. A cache that cannot be written costs time, nothing else.
 *
 * Errors: `OPTION_INVALID`, `OPTION_UNKNOWN`.
 *
 * @example
 * const cache = new ContentCache({ directory: '.cache' });
 * const bytes = await cache.getOrMake('squares-1', () => Uint8Array.of(0, 1, 4, 9));
 */
export class ContentCache {
  /** Entries that were found, and that had to be made. */
  hits = 0;
  misses = 0;
  private readonly memory: LRUCache<string, Uint8Array> | undefined;
  private readonly disk: DiskStore | undefined;
  private readonly pending = new Map<string, Promise<Uint8Array>>();

  constructor(options: ContentCacheOptions = {}) {
    checkCacheOptions(options);
    const { directory, memoryCacheSizeMb = 256, diskCacheSizeMb = 4096 } = options;
    const bytes = Math.floor(memoryCacheSizeMb * 2 ** 20);
    if (bytes > 0) {
      this.memory = new LRUCache({ maxSize: bytes, sizeCalculation: (v) => Math.max(1, v.byteLength) });
    }
    if (directory !== undefined && diskCacheSizeMb > 0) {
      this.disk = new DiskStore(directory, diskCacheSizeMb * 2 ** 20);
    }
  }

  /**
   * The entry, or what `make` gives, which is stored then. `accept` may refuse a stored content that is whole but not
   * the right one. Callers at the same time share one answer. Do not write into what it gives.
   *
   * Errors: those of `make`.
   */
  async getOrMake(
    id: string,
    make: () => Uint8Array | Promise<Uint8Array>,
    accept: (bytes: Uint8Array) => boolean = () => true,
  ): Promise<Uint8Array> {
    requireText(id, 'getOrMake', 'id');
    requireArgument(typeof make === 'function', 'getOrMake', 'make', 'be a function', make);
    requireArgument(typeof accept === 'function', 'getOrMake', 'accept', 'be a function', accept);
    const known = this.memory?.get(id);
    if (known) {
      this.hits++;
      return known;
    }
    let work = this.pending.get(id);
    if (work) {
      this.hits++;
    } else {
      work = this.findOrMake(id, make, accept).finally(() => this.pending.delete(id));
      this.pending.set(id, work);
    }
    return work;
  }

  private async findOrMake(
    id: string,
    make: () => Uint8Array | Promise<Uint8Array>,
    accept: (bytes: Uint8Array) => boolean,
  ): Promise<Uint8Array> {
    const stored = await this.disk?.read(id).catch(() => undefined);
    if (stored && accept(stored)) {
      this.hits++;
      this.memory?.set(id, stored);
      return stored;
    }
    this.misses++;
    const made = await make();
    this.memory?.set(id, made);
    await this.disk?.write(id, made).catch(() => {});
    return made;
  }
}

/** More than any disk: a size times 2^20 stays an exact number. */
const MOST_MB = 2 ** 32;
const OPTIONS = ['directory', 'memoryCacheSizeMb', 'diskCacheSizeMb'];

function checkCacheOptions(options: ContentCacheOptions): void {
  const where = 'ContentCache';
  const plain = typeof options === 'object' && options !== null && !Array.isArray(options);
  requireArgument(plain, where, 'options', 'be an object', options);
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) {
    throw new PotError('OPTION_UNKNOWN', `${where} has no option ${JSON.stringify(unknown.slice(0, 60))}`, {
      details: { where, option: unknown.slice(0, 60) },
      hint: `Options: ${OPTIONS.join(', ')}.`,
    });
  }
  if (options.directory !== undefined) requireText(options.directory, where, 'directory');
  for (const name of ['memoryCacheSizeMb', 'diskCacheSizeMb'] as const) {
    const size = options[name];
    const right = size === undefined || (typeof size === 'number' && size >= 0 && size <= MOST_MB);
    requireArgument(right, where, name, `be a number from 0 to ${MOST_MB}`, size);
  }
}
