import { LRUCache } from 'lru-cache';
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
 */
export class ContentCache {
  /** Entries that were found, and that had to be made. */
  hits = 0;
  misses = 0;
  private readonly memory: LRUCache<string, Uint8Array> | undefined;
  private readonly disk: DiskStore | undefined;
  private readonly pending = new Map<string, Promise<Uint8Array>>();

  constructor(options: ContentCacheOptions = {}) {
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
  getOrMake(
    id: string,
    make: () => Uint8Array | Promise<Uint8Array>,
    accept: (bytes: Uint8Array) => boolean = () => true,
  ): Promise<Uint8Array> {
    const known = this.memory?.get(id);
    if (known) {
      this.hits++;
      return Promise.resolve(known);
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
