import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file so that a reader, or a process that comes after a crash, sees either the old content or the
 * whole new one: temporary file in the same folder, fsync, rename, fsync of the folder.
 *
 * `mode` is the permission of the new file (0o600 for secrets).
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string, mode = 0o644): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (e) {
    await rm(temporary, { force: true });
    throw e;
  }
}

/** Makes a folder (and its parents); `mode` 0o700 for one that holds secrets. */
export function makeFolder(path: string, mode = 0o755): void {
  mkdirSync(path, { recursive: true, mode });
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
