import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { makeFolder } from '@proof-of-training/halo2-wasm/node';
import type { LogSource } from '../merkle/tileReader.js';

/** Files that are written at once. */
const AT_ONCE = 16;

/** A file to write: its path from the folder, and its bytes. */
export interface FileToWrite {
  path: string;
  bytes: Uint8Array | string;
}

/**
 * The files of a log in a folder.
 *
 * Errors of its `read`: `LEDGER_SOURCE` where a file is there and cannot be read, or is too large.
 *
 * @param root the folder below which checkpoint and tile/ lie: `public` of a log's folder, or a copy of it
 *
 * @example
 * const log = await PublicLog.open(folderSource('copy-of-the-log'), { vkeys });
 */
export function folderSource(root: string): LogSource {
  return {
    async read(path, maxBytes) {
      try {
        const { size } = await stat(join(root, path));
        if (size > maxBytes) throw unreadable(path, `it has more than ${maxBytes} bytes`);
        return new Uint8Array(await readFile(join(root, path)));
      } catch (e) {
        if (['ENOENT', 'ENOTDIR'].includes((e as NodeJS.ErrnoException).code ?? '')) return undefined;
        throw e instanceof PotError ? e : unreadable(path, 'the file system refuses it', e);
      }
    },
  };
}

/**
 * Writes files below a folder, each so that a crash leaves the old content or the new one, and returns when all are on disk. Errors:
 * those of the file system.
 */
export async function writeFiles(root: string, files: readonly FileToWrite[], mode = 0o644): Promise<void> {
  const folders = new Set<string>();
  for (const { path } of files) {
    const folder = dirname(join(root, path));
    if (folders.has(folder)) continue;
    folders.add(folder);
    // What a new folder is entered in must be on disk too.
    for (let at = folder; !existsSync(at); at = dirname(at)) folders.add(dirname(at));
    makeFolder(folder);
  }
  for (let from = 0; from < files.length; from += AT_ONCE)
    await Promise.all(files.slice(from, from + AT_ONCE).map((file) => writeOne(root, file, mode)));
  await Promise.all([...folders].map(syncFolder));
}

async function writeOne(root: string, { path, bytes }: FileToWrite, mode: number): Promise<void> {
  const target = join(root, path);
  const temporary = join(dirname(target), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (e) {
    await rm(temporary, { force: true });
    throw e;
  }
}

/** Has the names in a folder on disk. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unreadable(path: string, why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_SOURCE', `the log's file ${path} cannot be read: ${why}`, {
    details: { path },
    hint: 'Check the folder and its permissions.',
    ...(cause !== undefined && { cause }),
  });
}
