import { accessSync, chmodSync, constants, existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { makeFolder } from '@proof-of-training/halo2-wasm/node';
import { abortedError } from '../prove/scheduler.js';
import { folderError, RunFolder } from './folder.js';
import { Lease, type LeaseOptions } from './lease/lease.js';
import { parseName, RUN } from './names.js';

const OPEN = ['windows', 'proofs'];
const PRIVATE = 'private';

/** Takes a folder for a new run, and makes what is missing of it. Errors: `SESSION_EXISTS`, `SESSION_LOCKED`, `SESSION_FOLDER`. */
export async function takeNew(dir: string, options: LeaseOptions): Promise<RunFolder> {
  if (existsSync(join(dir, RUN))) throw runExists(dir);
  return typed(dir, options, async () => {
    for (const name of OPEN) makeFolder(join(dir, name));
    makeFolder(join(dir, PRIVATE), 0o700);
    chmodSync(join(dir, PRIVATE), 0o700);
    const folder = await take(dir, options);
    if (!folder.has(RUN)) return folder;
    // Somebody made one while this waited.
    await folder.lease.release();
    throw runExists(dir);
  });
}

/** Takes the folder of an existing run. Errors: `SESSION_MISSING`, `SESSION_LOCKED`, `SESSION_FOLDER`. */
export async function takeExisting(dir: string, options: LeaseOptions): Promise<RunFolder> {
  if (!existsSync(join(dir, RUN))) {
    throw new PotError('SESSION_MISSING', `${dir} holds no run`, {
      hint: 'A run begins with TrainingSession.create.',
    });
  }
  return typed(dir, options, async () => {
    const folder = await take(dir, options);
    try {
      folder.removeTemporary();
      return folder;
    } catch (e) {
      await folder.lease.release();
      throw e;
    }
  });
}

export function runExists(dir: string): PotError {
  return new PotError('SESSION_EXISTS', `${dir} holds a run already`, {
    hint: 'Continue it with TrainingSession.resume, or use another folder.',
  });
}

/** Throws what the file system says. Making a folder with its parents would say of a read-only one that it is not there. */
function requireWritable(dir: string): void {
  let path = resolve(dir);
  while (!existsSync(path)) path = dirname(path);
  accessSync(path, constants.W_OK);
}

async function take(dir: string, options: LeaseOptions): Promise<RunFolder> {
  return new RunFolder(dir, await Lease.take(dir, { ...options, above: lastGeneration(dir) }));
}

/** Where the folder of claims was taken away, the files still say which owners there were. */
function lastGeneration(dir: string): number {
  const names = [...OPEN, PRIVATE].flatMap((folder) => {
    const path = join(dir, folder);
    return existsSync(path) ? readdirSync(path) : [];
  });
  return names.reduce((last, name) => Math.max(last, parseName(name)?.generation ?? 0), 0);
}

async function typed(
  dir: string,
  { signal }: LeaseOptions,
  work: () => Promise<RunFolder>,
): Promise<RunFolder> {
  try {
    requireWritable(dir);
    return await work();
  } catch (e) {
    if (isPotError(e)) throw e;
    throw signal?.aborted ? abortedError(signal) : folderError(dir, e);
  }
}
