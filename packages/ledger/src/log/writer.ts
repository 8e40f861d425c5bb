import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lease } from '@proof-of-training/core/lease';
import { isPotError, PotError } from '@proof-of-training/errors';
import { bytesOf, concat } from '../bytes.js';
import { type Checkpoint, checkpointText } from '../checkpoint/checkpoint.js';
import { keyNoteHash, readKeyNote, requireNext, writeKeyNote } from '../checkpoint/keyRing.js';
import { ROTATION } from '../event/entry.js';
import { type CheckedEvent, fieldsJson } from '../event/fields.js';
import type { TileFile, TreeBuilder } from '../merkle/treeBuilder.js';
import { formatNote, signNote } from '../note/note.js';
import type { Signer } from '../note/signer.js';
import { keyNotePath } from '../public/publicLog.js';
import type { EventIndex, IndexRow } from './eventIndex.js';
import { writeFiles } from './files.js';
import { EVENT_RECORD, KEYS_RECORD } from './frames.js';
import type { Journal } from './journal.js';
import { encodeEvent, entryOf } from './secretEvent.js';

/** Most events that are committed at once. */
const BATCH = 2048;

interface Waiting {
  event: CheckedEvent;
  resolve: (index: number) => void;
  reject: (error: unknown) => void;
}

/** What a writer works on. All of it is this process's alone, while it has the lease. */
export interface WriterParts {
  dir: string;
  lease: Lease;
  journal: Journal;
  index: EventIndex;
  tree: TreeBuilder;
  /** Tiles and bundles that are full and not published. */
  full: TileFile[];
  rows: IndexRow[];
  signers: readonly Signer[];
  /** The last note about keys, and its number. */
  keys: { note: string; number: number };
  published: Checkpoint;
}

/**
 * Commits events and publishes checkpoints. A commit is a frame of the journal, on disk before its events are acknowledged; what is
 * published is written from memory afterwards. After a failure it does nothing more: what is on disk is known when the log is opened again.
 */
export class Writer {
  private waiting: Waiting[] = [];
  private failure: PotError | undefined;
  private busy: Promise<unknown> = Promise.resolve();
  private publishing: Promise<unknown> = Promise.resolve();
  private committing = false;
  /** Rows of events that are committed and not in the index, by their index. */
  readonly pending = new Map<number, IndexRow>();

  /** Told the events that the index has from now on. */
  onIndexed: (rows: readonly IndexRow[]) => void = () => {};

  constructor(private readonly parts: WriterParts) {
    parts.tree.onFull = (file) => parts.full.push(file);
    for (const row of parts.rows) this.pending.set(row.index, row);
  }

  /** Entries that are committed. */
  get size(): number {
    return this.parts.tree.size;
  }

  /** The last checkpoint. */
  get published(): Checkpoint {
    return this.parts.published;
  }

  /** Commits an event with others that come meanwhile. Gives its index when it is on disk. Errors: `LEDGER_WRITE`, `LEDGER_LOCKED`. */
  append(event: CheckedEvent): Promise<number> {
    this.requireSound();
    return new Promise((resolve, reject) => {
      this.waiting.push({ event, resolve, reject });
      if (!this.committing) void this.commitWaiting();
    });
  }

  /** Writes what is committed to the public files, and a checkpoint over it. Errors: `LEDGER_WRITE`, `LEDGER_LOCKED`, `LEDGER_DATABASE`. */
  publish(): Promise<Checkpoint> {
    const turn = this.publishing.then(async () => {
      const state = await this.inTurn(async () => this.unpublished());
      return state ? this.guarded(() => this.publishState(state)) : this.published;
    });
    this.publishing = turn.catch(() => {});
    return turn;
  }

  /** Names new keys in a note that the present ones sign, commits that, and signs with the new ones from there on. Errors: as above. */
  async rotate(signers: readonly Signer[]): Promise<void> {
    this.requireNextKeys(signers);
    await this.inTurn(async () => {
      const { tree, dir, keys, signers: old } = this.parts;
      const note = writeKeyNote(signers, tree.size + 1, { ...keys, signers: old });
      await writeFiles(join(dir, 'public'), [{ path: keyNotePath(keys.number + 1), bytes: note }]);
      this.parts.signers = signers;
      this.parts.keys = { note, number: keys.number + 1 };
      const first = tree.size;
      tree.push(concat(Uint8Array.of(ROTATION), keyNoteHash(note)));
      await this.commit(first, [{ kind: KEYS_RECORD, body: bytesOf(note) }]);
    });
    await this.publish();
  }

  /** Another index of the same events. */
  useIndex(index: EventIndex): void {
    this.parts.index = index;
  }

  /** Until everything that waits is committed. */
  async idle(): Promise<void> {
    while (this.committing) await this.inTurn(async () => {});
  }

  /** Errors: what it failed with. */
  requireSound(): void {
    if (this.failure) throw this.failure;
  }

  private async commitWaiting(): Promise<void> {
    this.committing = true;
    while (this.waiting.length > 0) {
      let batch: Waiting[] = [];
      try {
        await this.inTurn(async () => {
          await this.parts.lease.check();
          batch = this.waiting.splice(0, BATCH);
          await this.commitEvents(batch);
        });
      } catch (e) {
        for (const { reject } of [...batch, ...this.waiting.splice(0)]) reject(e);
      }
    }
    this.committing = false;
  }

  private async commitEvents(batch: readonly Waiting[]): Promise<void> {
    const { tree, signers } = this.parts;
    const first = tree.size;
    const secrets = randomBytes(32 * batch.length);
    const origin = signers[0]!.key.name;
    const records = batch.map(({ event }, i) => {
      const secret = new Uint8Array(secrets.subarray(32 * i, 32 * (i + 1)));
      tree.push(entryOf(origin, { fields: event.fields, secret }));
      return { kind: EVENT_RECORD, body: encodeEvent(secret, fieldsJson(event.fields)) };
    });
    const offsets = await this.commit(first, records);
    for (const [i, { event, resolve }] of batch.entries()) {
      const { id, type, time } = event;
      this.pending.set(first + i, { index: first + i, id, type, time, offset: offsets[i]! });
      resolve(first + i);
    }
  }

  /** One frame, signed with the root after it. */
  private commit(first: number, records: { kind: number; body: Uint8Array }[]): Promise<number[]> {
    const { journal, signers } = this.parts;
    return journal.append(first, records, signers[0]!.sign(bytesOf(this.headText())));
  }

  /** Before anything is written. Errors: `LEDGER_KEYS`. */
  private requireNextKeys(signers: readonly Signer[]): void {
    const { keys, signers: old } = this.parts;
    const note = writeKeyNote(signers, Number.MAX_SAFE_INTEGER, { ...keys, signers: old });
    requireNext(readKeyNote(note), readKeyNote(keys.note), old[0]!.key.name, keys.number + 1);
  }

  private headText(): string {
    const { tree, signers } = this.parts;
    return checkpointText({ origin: signers[0]!.key.name, size: tree.size, root: tree.root() });
  }

  /** What is committed and not published, as it is now: commits go on while it is written. */
  private unpublished(): Unpublished | undefined {
    const { tree, signers, full } = this.parts;
    if (tree.size === this.published.size) return undefined;
    const head = { origin: signers[0]!.key.name, size: tree.size, root: tree.root() };
    return {
      head,
      signers,
      full: full.splice(0),
      partial: tree.partial(),
      rows: [...this.pending.values()],
    };
  }

  private async publishState({ head, signers, full, partial, rows }: Unpublished): Promise<Checkpoint> {
    const { lease, index } = this.parts;
    const folder = join(this.parts.dir, 'public');
    await lease.check();
    await writeFiles(folder, [...full, ...partial]);
    const note = formatNote(signNote(checkpointText(head), signers));
    await lease.check();
    await writeFiles(folder, [{ path: 'checkpoint', bytes: note }]);
    this.parts.published = { ...head, note };
    index.add(rows, head.size, note);
    for (const row of rows) this.pending.delete(row.index);
    this.onIndexed(rows);
    // What a partial tile had is in the full one now.
    for (const { path } of full) await rm(`${join(folder, path)}.p`, { recursive: true, force: true });
    return this.published;
  }

  /** One after the other; after a failure none. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.busy.then(() => this.guarded(work));
    this.busy = turn.catch(() => {});
    return turn;
  }

  /** What fails leaves the log as it is on disk: nothing is written any more. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    this.requireSound();
    try {
      return await work();
    } catch (e) {
      this.failure ??= failureOf(e);
      throw this.failure;
    }
  }
}

/** What one publication writes. */
interface Unpublished {
  head: Omit<Checkpoint, 'note'>;
  signers: readonly Signer[];
  full: TileFile[];
  partial: TileFile[];
  rows: IndexRow[];
}

function failureOf(e: unknown): PotError {
  if (isPotError(e, 'SESSION_LEASE_LOST')) {
    return new PotError('LEDGER_LOCKED', 'another process has taken this log over', {
      cause: e,
      hint: 'This process was stopped for too long. Open the log again when the other one has ended.',
    });
  }
  if (isPotError(e)) return e;
  return new PotError('LEDGER_WRITE', 'the log cannot be written: nothing more is recorded', {
    details: { reason: (e as NodeJS.ErrnoException).code },
    cause: e,
    hint: 'See that there is space and that the folder may be written, then open the log again. What was not acknowledged may be there.',
  });
}
