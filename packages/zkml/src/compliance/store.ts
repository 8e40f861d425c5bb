import { readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileAtomic, makeFolder } from '@proof-of-training/halo2-wasm/node';
import { ComplianceDatabase, type ComplianceRecord, storeError } from './database.js';
import type { ComplianceFile } from './file.js';

/** Where a store's parts lie. */
export interface ComplianceFolders {
  /** Of the database, and of what has no folder of its own. */
  folder: string;
  /** Of proofs: for auditors. */
  proofs: string;
  /** Of what opens digests: for their owner alone. */
  secrets: string;
}

/** Folders that this process has open. */
const open = new Set<string>();

/** Proofs and secrets as files, and what was decided in a database: of one process at a time. */
export class ComplianceStore {
  readonly database: ComplianceDatabase;

  private constructor(
    readonly folders: ComplianceFolders,
    private readonly lock: string,
  ) {
    this.database = new ComplianceDatabase(join(folders.folder, 'compliance.sqlite'));
  }

  /** Errors: `COMPLIANCE_STORE`: damaged, of another version, of another process, or not to be written. */
  static async open(folders: ComplianceFolders): Promise<ComplianceStore> {
    const lock = join(folders.folder, 'process.lock');
    try {
      makeFolder(folders.folder, 0o700);
      makeFolder(folders.proofs);
      makeFolder(folders.secrets, 0o700);
      await locked(lock);
    } catch (cause) {
      throw storeError(`${folders.folder} is used by another process, or cannot be written`, cause);
    }
    open.add(lock);
    try {
      return new ComplianceStore(folders, lock);
    } catch (e) {
      unlock(lock);
      throw e;
    }
  }

  /** Files first, whole or not at all: what the database names is there. */
  async add(record: ComplianceRecord, file?: ComplianceFile, secrets?: object): Promise<string | undefined> {
    const name = `${record.proofId}.json`;
    const path = join(this.folders.proofs, name);
    try {
      if (secrets) await createFileAtomic(join(this.folders.secrets, name), JSON.stringify(secrets), 0o600);
      if (file) await createFileAtomic(path, JSON.stringify(file));
    } catch (cause) {
      throw storeError(`${path} cannot be written`, cause);
    }
    this.database.add(record);
    return file && path;
  }

  /** A stored proof, as it lies there. Errors: `COMPLIANCE_STORE`. */
  read(proofId: string): Promise<Uint8Array> {
    return readFile(join(this.folders.proofs, `${proofId}.json`)).catch((cause) => {
      throw storeError(`there is no proof ${proofId}`, cause);
    });
  }

  close(): void {
    this.database.close();
    unlock(this.lock);
  }
}

/** A lock of a process that is gone counts for nothing. */
async function locked(lock: string): Promise<void> {
  const own = () => createFileAtomic(lock, String(process.pid));
  try {
    return await own();
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e;
    const holder = Number(readFileSync(lock, 'utf8'));
    if (open.has(lock) || (holder !== process.pid && isRunning(holder))) throw e;
    rmSync(lock, { force: true });
    return own();
  }
}

function isRunning(pid: number): boolean {
  try {
    return Number.isSafeInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unlock(lock: string): void {
  open.delete(lock);
  rmSync(lock, { force: true });
}
