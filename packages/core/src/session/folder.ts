import { existsSync, readdirSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { createFileAtomic, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import type { z } from 'zod';
import type { Lease } from './lease/lease.js';

const SECRET = 0o600;
const TEMPORARY = /^\.[0-9a-f]{12}\.tmp$/;

/**
 * Files of a run's folder. Each is written whole, so a killed process leaves whole files, and only while the lease is held: that is looked at
 * before the work, and once more when the content is on disk and gets its name. Files in private/ have mode 0600.
 */
export class RunFolder {
  constructor(
    readonly dir: string,
    readonly lease: Lease,
  ) {}

  /** Errors: `SESSION_LEASE_LOST`, `SESSION_FOLDER`. */
  async write(name: string, data: Uint8Array | string): Promise<void> {
    await this.guarded(() => writeFileAtomic(this.path(name), data, modeOf(name), () => this.lease.check()));
  }

  /** As `write`, for a file that must not be there: errs with what `taken` gives if it is. */
  async create(name: string, data: Uint8Array | string, taken: () => PotError): Promise<void> {
    await this.guarded(async () => {
      try {
        await createFileAtomic(this.path(name), data, modeOf(name), () => this.lease.check());
      } catch (e) {
        throw (e as NodeJS.ErrnoException).code === 'EEXIST' ? taken() : e;
      }
    });
  }

  async remove(name: string): Promise<void> {
    await this.guarded(() => rm(this.path(name), { force: true }));
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** Names in one of its folders. */
  list(folder: string): string[] {
    return existsSync(this.path(folder)) ? readdirSync(this.path(folder)).sort() : [];
  }

  /** Errors: `STATE_DAMAGED`. */
  async read(name: string): Promise<Uint8Array> {
    try {
      return new Uint8Array(await readFile(this.path(name)));
    } catch (cause) {
      throw damaged(name, cause);
    }
  }

  /** Errors: `STATE_DAMAGED`. */
  async readJson<T extends z.ZodType>(
    name: string,
    schema: T,
    check?: (value: unknown) => void,
  ): Promise<z.infer<T>> {
    const bytes = await this.read(name);
    try {
      const value = readStrictJson(bytes);
      check?.(value);
      return schema.parse(value);
    } catch (cause) {
      if (isPotError(cause, 'FORMAT_VERSION')) throw cause;
      throw damaged(name, cause);
    }
  }

  /** Half-written files of a process that was killed. */
  removeTemporary(): void {
    for (const folder of ['.', 'windows', 'proofs', 'private', 'lock']) {
      for (const name of this.list(folder).filter((n) => TEMPORARY.test(n))) {
        rmSync(this.path(join(folder, name)), { force: true });
      }
    }
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await this.lease.check();
      await work();
    } catch (e) {
      if (isPotError(e)) throw e;
      // A successor clears away what was half written: then the lease is the reason.
      await this.lease.check();
      throw folderError(this.dir, e);
    }
  }

  private path(name: string): string {
    return join(this.dir, name);
  }
}

/** What the file system says of a folder that cannot be written. */
export function folderError(dir: string, cause: unknown): PotError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new PotError('SESSION_FOLDER', `the run folder ${dir} cannot be written: ${code}`, {
    cause,
    details: { dir, code },
    hint: 'It must be a folder that this user may write, with space left.',
  });
}

export function damaged(name: string, cause?: unknown): PotError {
  return new PotError('STATE_DAMAGED', `${name} of the run folder is missing or damaged`, {
    cause,
    hint: 'Restore the run folder from a copy, or start a new run.',
  });
}

function modeOf(name: string): number | undefined {
  return name.startsWith('private/') ? SECRET : undefined;
}
