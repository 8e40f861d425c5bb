import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '../atomicFile.js';

const OBJECTS = 'objects';
const NAMES = 'names';
/** How old a temporary file has to be before it is taken for one that a killed process left. */
const STALE_MS = 600_000;

/**
 * Entries in a folder, by content: objects/ holds contents under their SHA-256, names/ one file an id with the
 * SHA-256 of its content. Every file is written atomically and never changed, and a content is believed only if its
 * hash is its name, so processes need no lock: at worst one makes what another has just evicted.
 */
export class DiskStore {
  constructor(
    readonly folder: string,
    /** Bytes of all contents together; the longest unused go first. */
    private readonly maxBytes: number,
  ) {}

  /** The content of an id; undefined where there is none, or where it is damaged, which is removed then. */
  async read(id: string): Promise<Uint8Array | undefined> {
    const name = this.namePath(id);
    const hash = await readFile(name, 'utf8').catch(() => undefined);
    if (hash === undefined) return undefined;
    if (!/^[0-9a-f]{64}$/.test(hash)) {
      await rm(name, { force: true });
      return undefined;
    }
    const path = this.objectPath(hash);
    const bytes = await readFile(path).catch(() => undefined);
    if (!bytes || sha256(bytes) !== hash) {
      await Promise.all([rm(name, { force: true }), rm(path, { force: true })]);
      return undefined;
    }
    const now = new Date();
    await utimes(path, now, now).catch(() => {});
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Stores a content, content first, then its name; then makes room. A content larger than the limit is not kept. */
  async write(id: string, bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength > this.maxBytes) return;
    makeFolder(join(this.folder, OBJECTS));
    makeFolder(join(this.folder, NAMES));
    const hash = sha256(bytes);
    await writeFileAtomic(this.objectPath(hash), bytes);
    await writeFileAtomic(this.namePath(id), hash);
    await this.evict(hash);
  }

  private async evict(keep: string): Promise<void> {
    const folder = join(this.folder, OBJECTS);
    const files: { path: string; size: number; used: number; keep: boolean }[] = [];
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const info = await stat(path).catch(() => undefined);
      if (!info) continue;
      if (name.endsWith('.tmp')) {
        if (Date.now() - info.mtimeMs > STALE_MS) await rm(path, { force: true });
        continue;
      }
      files.push({ path, size: info.size, used: info.mtimeMs, keep: name === keep });
    }
    let total = files.reduce((n, f) => n + f.size, 0);
    // Names of evicted contents are removed when they are next read.
    for (const file of files.filter((f) => !f.keep).sort((a, b) => a.used - b.used)) {
      if (total <= this.maxBytes) return;
      await rm(file.path, { force: true });
      total -= file.size;
    }
  }

  private objectPath(hash: string): string {
    return join(this.folder, OBJECTS, hash);
  }
  private namePath(id: string): string {
    return join(this.folder, NAMES, sha256(id));
  }
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
