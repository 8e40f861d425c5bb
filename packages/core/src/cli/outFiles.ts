import { constants } from 'node:fs';
import { access, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { createFileAtomic, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';

/** A file that a command will write. */
export interface OutFile {
  path: string;
  text: string | Uint8Array;
  /** Permission; default: readable by all. */
  mode?: number;
  /** It must not be there yet. */
  fresh?: boolean;
}

/**
 * That these files can be written, before anything is done whose result would be lost: each in a folder that is there, none over another,
 * and none over what the command reads.
 *
 * Errors: `FILE_WRITE`.
 */
export async function requireWritable(outs: readonly string[], read: readonly string[] = []): Promise<void> {
  const taken = new Set(await Promise.all(read.map(placeOf)));
  for (const path of outs) {
    const place = await placeOf(path);
    if (taken.has(place)) throw refused(path, 'it would be written over a file that is read or written too');
    taken.add(place);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw refused(path, 'it is a folder');
    await access(dirname(resolve(path)), constants.W_OK | constants.X_OK).catch((cause) => {
      throw refused(path, 'its folder is not there, or nothing can be written in it', cause);
    });
  }
}

/** That there is no such file yet. Errors: `FILE_WRITE`. */
export async function requireNew(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) throw refused(path, 'it is there already');
}

/** Writes all of them; where one fails, those before it are taken away. Errors: `FILE_WRITE`. */
export async function writeTogether(files: readonly OutFile[]): Promise<void> {
  const written: string[] = [];
  for (const { path, text, mode, fresh } of files) {
    try {
      await (fresh ? createFileAtomic : writeFileAtomic)(path, text, mode);
      written.push(path);
    } catch (cause) {
      await Promise.all(written.map((made) => rm(made, { force: true })));
      const there = (cause as NodeJS.ErrnoException).code === 'EEXIST';
      throw refused(path, there ? 'it is there already' : 'it cannot be written', cause);
    }
  }
}

/** Where a file is, or would be, whatever links lead there. */
export async function placeOf(path: string): Promise<string> {
  const whole = resolve(path);
  const found = await realpath(whole).catch(() => undefined);
  if (found !== undefined) return found;
  const folder = await realpath(dirname(whole)).catch(() => dirname(whole));
  return join(folder, basename(whole));
}

function refused(path: string, why: string, cause?: unknown): PotError {
  return new PotError('FILE_WRITE', `${path}: ${why}`, { ...(cause !== undefined && { cause }) });
}
