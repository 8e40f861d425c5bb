import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from 'halo2-wasm';
import { makeFolder, writeFileAtomic } from 'halo2-wasm/node';
import type { z } from 'zod';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';
import { lockFolder } from './lock.js';
import {
  type ProofRecord,
  proofRecordSchema,
  type SessionFile,
  sessionFileSchema,
  type WindowRecord,
  windowRecordSchema,
} from './records.js';

const SECRET = 0o600;
const BASE = 'private/base.bin';

/**
 * A session's folder. Public: run.json, genesis.json, windows/, proofs/. Secret, in private/ (0700, files 0600):
 * checkpoints with their salts, the shards' salts, the data, and the frozen base where there is one.
 *
 * Every file is written atomically, so a killed process leaves whole files. Order at a window's end: checkpoint,
 * record, proof; the run continues after the last record.
 */
export class Journal {
  private constructor(
    readonly dir: string,
    private readonly unlock: () => void,
  ) {}

  /** Takes a folder for a new run. Errors: `SESSION_EXISTS`, `SESSION_LOCKED`. */
  static create(dir: string): Journal {
    if (existsSync(join(dir, 'run.json'))) {
      throw new PotError('SESSION_EXISTS', `${dir} holds a run already`, {
        hint: 'Continue it with TrainingSession.resume, or use another folder.',
      });
    }
    makeFolder(join(dir, 'windows'));
    makeFolder(join(dir, 'proofs'));
    makeFolder(join(dir, 'private'), 0o700);
    chmodSync(join(dir, 'private'), 0o700);
    return new Journal(dir, lockFolder(dir));
  }

  /** Takes the folder of an existing run. Errors: `SESSION_MISSING`, `SESSION_LOCKED`. */
  static open(dir: string): Journal {
    if (!existsSync(join(dir, 'run.json'))) {
      throw new PotError('SESSION_MISSING', `${dir} holds no run`, {
        hint: 'A run begins with TrainingSession.create.',
      });
    }
    const journal = new Journal(dir, lockFolder(dir));
    journal.removeTemporary();
    return journal;
  }

  release(): void {
    this.unlock();
  }

  writeSession(file: SessionFile): Promise<void> {
    return this.writeJson('run.json', file);
  }
  readSession(): Promise<SessionFile> {
    return this.readJson('run.json', sessionFileSchema);
  }

  writeWindow(record: WindowRecord): Promise<void> {
    return this.writeJson(`windows/${number(record.window)}.json`, record);
  }

  /** Records of the closed windows 0, 1, ... Errors: `STATE_DAMAGED` where one is missing in between. */
  async readWindows(): Promise<WindowRecord[]> {
    const names = readdirSync(join(this.dir, 'windows')).filter((n) => /^\d{6,}\.json$/.test(n));
    names.sort();
    const records = await Promise.all(names.map((n) => this.readJson(`windows/${n}`, windowRecordSchema)));
    records.forEach((record, i) => {
      if (record.window !== i) throw damaged(`windows/${number(i)}.json`);
    });
    return records;
  }

  /** `window` undefined: the genesis proof. */
  writeProof(window: number | undefined, record: ProofRecord): Promise<void> {
    return this.writeJson(proofName(window), record);
  }
  async readProof(window: number | undefined): Promise<ProofRecord | undefined> {
    return existsSync(join(this.dir, proofName(window)))
      ? this.readJson(proofName(window), proofRecordSchema)
      : undefined;
  }

  writeCheckpoint(index: number, checkpoint: Checkpoint): Promise<void> {
    return writeFileAtomic(join(this.dir, checkpointName(index)), encodeCheckpoint(checkpoint), SECRET);
  }
  /** `count`: integers of weights and state. */
  async readCheckpoint(index: number, count: number): Promise<Checkpoint> {
    return decodeCheckpoint(await this.readBytes(checkpointName(index)), count, checkpointName(index));
  }
  /** The frozen base with the salt of its commitment: kept, so that a run can be continued without its model. */
  writeBase(base: Checkpoint): Promise<void> {
    return writeFileAtomic(join(this.dir, BASE), encodeCheckpoint(base), SECRET);
  }
  async readBase(weights: number): Promise<Checkpoint> {
    return decodeCheckpoint(await this.readBytes(BASE), weights, BASE);
  }
  /** Numbers of the checkpoints that are kept. */
  checkpoints(): number[] {
    return readdirSync(join(this.dir, 'private')).flatMap((n) => {
      const match = /^checkpoint-(\d+)\.bin$/.exec(n);
      return match ? [Number(match[1])] : [];
    });
  }
  /** Forgets a checkpoint that no open proof needs, and its salt. */
  async dropCheckpoint(index: number): Promise<void> {
    await rm(join(this.dir, checkpointName(index)), { force: true });
  }

  /** The shards' salts, 32 bytes each. */
  writeSalts(salts: Uint8Array): Promise<void> {
    return writeFileAtomic(join(this.dir, 'private/salts.bin'), salts, SECRET);
  }
  readSalts(): Promise<Uint8Array> {
    return this.readBytes('private/salts.bin');
  }

  /** The integer data: `x` or `y`. */
  writeData(name: 'x' | 'y', values: Int32Array): Promise<void> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return writeFileAtomic(join(this.dir, `private/${name}.bin`), bytes, SECRET);
  }
  async readData(name: 'x' | 'y', count: number): Promise<Int32Array> {
    const bytes = await this.readBytes(`private/${name}.bin`);
    if (bytes.length !== 4 * count) throw damaged(`private/${name}.bin`);
    return new Int32Array(bytes.slice().buffer);
  }

  /** Half-written files of a process that was killed. */
  private removeTemporary(): void {
    for (const folder of ['.', 'windows', 'proofs', 'private']) {
      const path = join(this.dir, folder);
      if (!existsSync(path)) continue;
      for (const name of readdirSync(path)) {
        if (/^\.[0-9a-f]{12}\.tmp$/.test(name)) rmSync(join(path, name), { force: true });
      }
    }
  }

  private writeJson(name: string, value: unknown): Promise<void> {
    return writeFileAtomic(join(this.dir, name), `${JSON.stringify(value)}\n`);
  }

  private async readJson<T extends z.ZodType>(name: string, schema: T): Promise<z.infer<T>> {
    const text = new TextDecoder().decode(await this.readBytes(name));
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw damaged(name, cause);
    }
  }

  private async readBytes(name: string): Promise<Uint8Array> {
    try {
      return new Uint8Array(await readFile(join(this.dir, name)));
    } catch (cause) {
      throw damaged(name, cause);
    }
  }
}

function number(n: number): string {
  return String(n).padStart(6, '0');
}

function checkpointName(index: number): string {
  return `private/checkpoint-${number(index)}.bin`;
}

function proofName(window: number | undefined): string {
  return window === undefined ? 'genesis.json' : `proofs/${number(window)}.json`;
}

function damaged(name: string, cause?: unknown): PotError {
  return new PotError('STATE_DAMAGED', `${name} of the run folder is missing or damaged`, {
    cause,
    hint: 'Restore the run folder from a copy, or start a new run.',
  });
}
