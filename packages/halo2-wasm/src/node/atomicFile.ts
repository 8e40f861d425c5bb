import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Called when the content is on disk, before the file gets its name; where it throws, there will be no such file. */
type Before = () => void | Promise<void>;

/** What `link` says where a file system has no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Writes a file so that a reader, or a process that comes after a crash, sees either the old content or the
 * whole new one: temporary file in the same folder, fsync, rename, fsync of the folder.
 *
 * `mode` is the permission of the new file (0o600 for secrets).
 *
 * @example
 * await writeFileAtomic('run/secret.bin', bytes, 0o600);
 */
export function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  mode = 0o644,
  before?: Before,
): Promise<void> {
  return write(path, data, mode, before, (temporary) => rename(temporary, path));
}

/**
 * As {@link writeFileAtomic}, for a file that must not be there yet: of many that create it at once, on one machine or on several
 * that share the folder, one succeeds. Errors: `EEXIST` (Node's), and those of the file system.
 *
 * @example
 * await createFileAtomic('run/lease.json', '{}'); // rejects with EEXIST where it is there already
 */
export function createFileAtomic(
  path: string,
  data: Uint8Array | string,
  mode = 0o644,
  before?: Before,
): Promise<void> {
  return write(path, data, mode, before, async (temporary) => {
    await linkNew(temporary, path);
    await rm(temporary, { force: true });
  });
}

/**
 * Makes a folder (and its parents); `mode` 0o700 for one that holds secrets. Errors: those of the file system.
 *
 * Parent by parent, since Node's `recursive` never ends where a parent is there but answers ENOENT, as /proc does.
 *
 * @example
 * makeFolder('run/secrets', 0o700);
 */
export function makeFolder(path: string, mode = 0o755): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) makeOne(folder, mode);
  // One that is there already may be a file.
  if (!statSync(path).isDirectory()) makeOne(path, mode);
}

function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (e) {
    // Another process may have made it meanwhile.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw e;
  }
}

async function write(
  path: string,
  data: Uint8Array | string,
  mode: number,
  before: Before | undefined,
  give: (temporary: string) => Promise<void>,
): Promise<void> {
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
    await before?.();
    await give(temporary);
    await syncFolder(folder);
  } catch (e) {
    await rm(temporary, { force: true });
    throw e;
  }
}

async function linkNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (e) {
    const { code = '' } = e as NodeJS.ErrnoException;
    // A server of files may have linked although its answer was lost and the repeated question failed: link(2), open(2).
    if (code === 'EEXIST' && (await stat(temporary)).nlink === 2) return;
    if (!NO_LINKS.includes(code)) throw e;
    // Without links: an empty file takes the name, as exclusively, and gets its content at once.
    await (await open(path, 'wx')).close();
    await rename(temporary, path);
  }
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
