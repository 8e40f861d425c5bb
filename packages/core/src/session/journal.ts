import { PotError } from '@proof-of-training/halo2-wasm';
import { requireVersion } from '@proof-of-training/verifier/files';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';
import { damaged, type RunFolder } from './folder.js';
import { historyOf } from './history.js';
import type { LeaseOptions } from './lease/lease.js';
import * as names from './names.js';
import {
  type ClosedWindow,
  type ProofRecord,
  proofRecordSchema,
  SESSION_FORMAT,
  type SessionFile,
  sessionFileSchema,
  type Uses,
  usesSchema,
  type WindowRecord,
  windowRecordSchema,
} from './records.js';
import { RenewalFiles } from './renewalFiles.js';
import { runExists, takeExisting, takeNew } from './takeFolder.js';
import { UseCounts } from './useCounts.js';

/**
 * A session's folder. Public: run.json, genesis.json, windows/, proofs/. Secret, in private/ (0700, files 0600):
 * checkpoints with their salts, the shards' salts, the data, and the frozen base where there is one.
 *
 * One owner writes at a time (lease/). Every write errs with `SESSION_LEASE_LOST` where the run has another owner, and with `SESSION_FOLDER`
 * where the file system refuses. Order at a window's end: checkpoint, use counts, record, proof; the run continues after
 * the last record (history.ts).
 */
export class Journal {
  /** How often the salts were used. */
  uses = UseCounts.none();
  /** Commitments that were made anew. */
  readonly renewals: RenewalFiles;
  /** The owner that began the run. */
  private creator: number;
  /** Who wrote the run's checkpoints, and who closed its windows. */
  private readonly checkpointBy = new Map<number, number>();
  private readonly windowBy = new Map<number, number>();

  private constructor(private readonly folder: RunFolder) {
    this.creator = folder.lease.generation;
    this.renewals = new RenewalFiles(folder);
  }

  /** Takes a folder for a new run. Errors: `SESSION_EXISTS`, `SESSION_LOCKED`, `SESSION_FOLDER`. */
  static async create(dir: string, options: LeaseOptions = {}): Promise<Journal> {
    return new Journal(await takeNew(dir, options));
  }

  /** Takes the folder of an existing run. Errors: `SESSION_MISSING`, `SESSION_LOCKED`, `SESSION_FOLDER`. */
  static async open(dir: string, options: LeaseOptions = {}): Promise<Journal> {
    return new Journal(await takeExisting(dir, options));
  }

  get dir(): string {
    return this.folder.dir;
  }

  /** Which owner of the run this is. */
  get generation(): number {
    return this.folder.lease.generation;
  }

  /** Errors: `SESSION_LEASE_LOST`. */
  check(): Promise<void> {
    return this.folder.lease.check();
  }

  release(): Promise<void> {
    return this.folder.lease.release();
  }

  /**
   * Takes away what this owner wrote for a run that did not begin, the data and their salts with it. Never errs: what cannot be
   * removed, the next run in the folder removes.
   */
  async abandon(): Promise<void> {
    if (this.folder.has(names.RUN)) return;
    try {
      for (const name of this.folder.list('private')) {
        if (names.parseName(name)?.generation !== this.generation) continue;
        await this.folder.remove(`private/${name}`);
      }
    } catch {
      // Another owner has the folder, or it is not there any more.
    }
  }

  /** The run begins with it. Errors: `SESSION_EXISTS`. */
  async writeSession(file: Omit<SessionFile, 'generation'>): Promise<SessionFile> {
    const whole = { ...file, generation: this.generation };
    await this.folder.create(names.RUN, json(whole), () => runExists(this.dir));
    await this.dropStrays(0);
    return whole;
  }
  async readSession(): Promise<SessionFile> {
    const file = await this.folder.readJson(names.RUN, sessionFileSchema, (value) => {
      // What is no run file at all is damaged, and of no version.
      if ((value as { format?: unknown } | null)?.format === SESSION_FORMAT) requireVersion(value);
    });
    this.creator = file.generation;
    this.checkpointBy.set(0, file.generation);
    return file;
  }

  /** Counts the uses of its salts first. */
  async writeWindow(closed: ClosedWindow): Promise<WindowRecord> {
    const { window } = closed;
    const { generation } = this;
    const parent = window === 0 ? this.creator : this.windowBy.get(window - 1);
    if (parent === undefined) throw damaged(`the record of window ${window - 1}`);
    const record = { ...closed, generation, parent };
    const name = names.windowName(window, generation);
    // Before the counts, which this would replace by its own, lower ones.
    if (this.folder.has(name)) throw writtenTwice(name);
    await this.folder.write(names.usesName(generation), json(this.uses.add(generation, closed)));
    await this.folder.create(name, json(record), () => writtenTwice(name));
    this.windowBy.set(window, generation);
    return record;
  }

  /**
   * The run's closed windows 0, 1, ... Errors: `STATE_DAMAGED` where one is missing in between, or where the salts were used more often
   * than was counted.
   */
  async readWindows(): Promise<WindowRecord[]> {
    const all = await Promise.all(
      this.folder.list('windows').flatMap((name) => {
        const at = names.parseName(name);
        return at?.kind === 'record' ? [this.readWindow(`windows/${name}`, at)] : [];
      }),
    );
    const history = historyOf(all, this.creator);
    for (const { window, generation } of history) {
      this.windowBy.set(window, generation);
      this.checkpointBy.set(window + 1, generation);
    }
    this.uses = UseCounts.checked(await this.readUses(), all);
    return history;
  }

  /** `window` undefined: the genesis proof. */
  async writeProof(window: number | undefined, record: ProofRecord): Promise<void> {
    await this.folder.write(this.proofName(window), json(record));
  }
  async readProof(window: number | undefined): Promise<ProofRecord | undefined> {
    const name = this.proofName(window);
    return this.folder.has(name) ? this.folder.readJson(name, proofRecordSchema) : undefined;
  }

  /** Once a checkpoint: its salt is in the commitment that proofs are about. */
  async writeCheckpoint(index: number, checkpoint: Checkpoint): Promise<void> {
    const name = names.checkpointName(index, this.generation);
    await this.folder.create(name, encodeCheckpoint(checkpoint), () => writtenTwice(name));
    this.checkpointBy.set(index, this.generation);
  }
  /** `count`: integers of weights and state. */
  async readCheckpoint(index: number, count: number): Promise<Checkpoint> {
    const name = names.checkpointName(index, this.checkpointBy.get(index) ?? this.creator);
    return decodeCheckpoint(await this.folder.read(name), count, name);
  }
  /** Numbers of the run's checkpoints that are kept. */
  checkpoints(): number[] {
    return [...this.checkpointBy].flatMap(([index, by]) =>
      this.folder.has(names.checkpointName(index, by)) ? [index] : [],
    );
  }
  /** Forgets a checkpoint that no open proof needs, and its salt. */
  async dropCheckpoint(index: number): Promise<void> {
    await this.folder.remove(names.checkpointName(index, this.checkpointBy.get(index) ?? this.creator));
  }

  /**
   * Forgets what owners before `tip`, the one of the run's last record, left in private/ and the run does not hold. What
   * later ones left stays until the run has a record of a later one still: theirs may yet become the run's last.
   */
  async dropStrays(tip: number): Promise<void> {
    for (const name of this.folder.list('private')) {
      const at = names.parseName(name);
      if (!at || at.kind === 'uses') continue;
      const { kind, index, generation } = at;
      const beginning = kind !== 'checkpoint' || index === 0;
      const own = beginning ? this.creator : this.checkpointBy.get(index!);
      if (generation !== own && (beginning || generation < tip)) await this.folder.remove(`private/${name}`);
    }
  }

  /** The frozen base with the salt of its commitment: kept, so that a run can be continued without its model. */
  writeBase(base: Checkpoint): Promise<void> {
    return this.writeOnce('base', encodeCheckpoint(base));
  }
  async readBase(weights: number): Promise<Checkpoint> {
    return decodeCheckpoint(await this.readOnce('base'), weights, names.onceName('base', this.creator));
  }

  /** The shards' salts, 32 bytes each. */
  writeSalts(salts: Uint8Array): Promise<void> {
    return this.writeOnce('salts', salts);
  }
  readSalts(): Promise<Uint8Array> {
    return this.readOnce('salts');
  }

  /** The integer data: `x` or `y`. */
  writeData(name: 'x' | 'y', values: Int32Array): Promise<void> {
    return this.writeOnce(name, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  async readData(name: 'x' | 'y', count: number): Promise<Int32Array> {
    const bytes = await this.readOnce(name);
    if (bytes.length !== 4 * count) throw damaged(names.onceName(name, this.creator));
    return new Int32Array(bytes.slice().buffer);
  }

  private writeOnce(name: names.Once, bytes: Uint8Array): Promise<void> {
    return this.folder.write(names.onceName(name, this.generation), bytes);
  }
  private readOnce(name: names.Once): Promise<Uint8Array> {
    return this.folder.read(names.onceName(name, this.creator));
  }

  private async readWindow(name: string, at: { index: number | undefined; generation: number }) {
    const record = await this.folder.readJson(name, windowRecordSchema);
    if (record.window !== at.index || record.generation !== at.generation) throw damaged(name);
    return record;
  }

  private async readUses(): Promise<Map<number, Uses>> {
    const uses = new Map<number, Uses>();
    for (const name of this.folder.list('private')) {
      const at = names.parseName(name);
      if (at?.kind !== 'uses') continue;
      uses.set(at.generation, await this.folder.readJson(`private/${name}`, usesSchema));
    }
    return uses;
  }

  private proofName(window: number | undefined): string {
    return window === undefined
      ? names.GENESIS
      : names.proofName(window, this.windowBy.get(window) ?? this.generation);
  }
}

/** A snapshot of a machine that was started twice has one lease in two places. */
function writtenTwice(name: string): PotError {
  return new PotError('SESSION_LEASE_LOST', `another session with this one's lease has written ${name}`, {
    hint: 'Does a copy of this machine run? Close this session, and resume the run in one place.',
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
