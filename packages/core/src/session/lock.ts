import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PotError } from 'halo2-wasm';

/**
 * Takes a session's folder for this process, so that two processes never continue the same run (they would use
 * a salt for two contents). A lock whose process is dead is taken over.
 *
 * Errors: `SESSION_LOCKED`. Gives a function that releases the lock.
 */
export function lockFolder(dir: string): () => void {
  const path = join(dir, 'lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e;
      const owner = ownerOf(path);
      if (owner !== undefined && isAlive(owner)) {
        throw new PotError('SESSION_LOCKED', `process ${owner} is working on this run`, {
          details: { dir },
          hint: 'Wait until it ends, or use another folder.',
        });
      }
      rmSync(path, { force: true });
    }
  }
  throw new PotError('SESSION_LOCKED', 'another process took this run first', { details: { dir } });
}

function ownerOf(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM';
  }
}
