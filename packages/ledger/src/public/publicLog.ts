import { PotError } from '@proof-of-training/errors';
import { same, textOf } from '../bytes.js';
import {
  type Checkpoint,
  forked,
  refuseFork,
  verifyCheckpoint,
  type Witnesses,
} from '../checkpoint/checkpoint.js';
import { type KeyRing, keyRing } from '../checkpoint/keyRing.js';
import { leafHash } from '../merkle/hash.js';
import { TILE_WIDTH } from '../merkle/tile.js';
import { type LogSource, TileReader } from '../merkle/tileReader.js';
import { consistencyRoots, isPowerOfTwo, verifyConsistency, verifyInclusion } from '../merkle/verify.js';
import { MAX_NOTE_BYTES } from '../note/note.js';
import { formatTlogProof } from '../proof/tlogProof.js';
import { verifyTree } from './verifyTree.js';

/** Pairs of keys that a log may have had. */
const MAX_KEY_NOTES = 1000;

export interface PublicLogOptions {
  /** Both keys of the log, pinned: those of any time, if the log has its notes about keys. */
  vkeys: readonly string[];
  /** Checkpoints that are believed already: the log must continue each. */
  known?: readonly string[];
  witnesses?: Witnesses;
}

/**
 * A log as everyone sees it: checkpoint, tiles and entries, from a folder, a web server or any other source. It runs in browsers.
 *
 * @example
 * const log = await PublicLog.open(fetchSource('https://example.com/log/'), { vkeys });
 * await log.verify();
 * console.log(log.checkpoint.size);
 */
export class PublicLog {
  private readonly reader: TileReader;

  private constructor(
    source: LogSource,
    readonly ring: KeyRing,
    /** The signed state that everything here is about. */
    readonly checkpoint: Checkpoint,
    /** The log's notes about keys. */
    readonly keyNotes: readonly string[],
  ) {
    this.reader = new TileReader(source, checkpoint.size);
  }

  /**
   * Opens a log at its checkpoint: signatures, witnesses, and that it continues what is known.
   *
   * Errors: `LEDGER_CUT` (no checkpoint, or a file is not there), those of `keyRing` and `verifyCheckpoint`, `LEDGER_ROLLED_BACK`,
   * `LEDGER_FORKED`, `LEDGER_TILE`.
   */
  static async open(
    source: LogSource,
    { vkeys, known = [], witnesses }: PublicLogOptions,
  ): Promise<PublicLog> {
    const keyNotes = await readKeyNotes(source);
    const ring = keyRing({ vkeys, notes: keyNotes });
    const bytes = await source.read('checkpoint', MAX_NOTE_BYTES);
    if (!bytes) throw cut('checkpoint');
    const checkpoint = verifyCheckpoint(bytes, ring, witnesses && { witnesses });
    const log = new PublicLog(source, ring, checkpoint, keyNotes);
    for (const note of known) await log.requireContinues(verifyCheckpoint(note, ring));
    return log;
  }

  /** The entry of an index, compared with the root. Errors: `LEDGER_INDEX`, `LEDGER_CUT`, `LEDGER_TILE`, `LEDGER_ALTERED`. */
  async entry(index: number): Promise<Uint8Array> {
    return (await this.included(index)).entry;
  }

  /** A `.tlog-proof` file of an entry. Errors: those of {@link PublicLog.entry}. */
  async prove(index: number, extra?: Uint8Array): Promise<string> {
    const { path } = await this.included(index);
    return formatTlogProof({ index, path, checkpoint: this.checkpoint.note, ...(extra && { extra }) });
  }

  /** Hashes that show that this log continues the tree of `size` leaves. Errors: `LEDGER_INDEX`, `LEDGER_CUT`, `LEDGER_TILE`. */
  consistencyPath(size: number): Promise<Uint8Array[]> {
    requireIndex(size, this.checkpoint.size + 1);
    return size === 0 ? Promise.resolve([]) : this.reader.consistencyPath(size);
  }

  /**
   * Looks whether this log continues a state that is believed. Errors: `LEDGER_ROLLED_BACK` where it is shorter, `LEDGER_FORKED` where it
   * is another history, with what shows it; `LEDGER_ALTERED` where its files do not fit its own checkpoint.
   */
  async requireContinues(known: Checkpoint): Promise<void> {
    const { checkpoint } = this;
    if (known.size > checkpoint.size) {
      throw new PotError(
        'LEDGER_ROLLED_BACK',
        `the log has ${checkpoint.size} entries and has had ${known.size}`,
        {
          details: { notes: [known.note, checkpoint.note] },
          hint: 'An older state was put in its place. Ask for the present one, or restore it from a copy.',
        },
      );
    }
    refuseFork(known, checkpoint);
    const path = await this.consistencyPath(known.size);
    if (!verifyConsistency({ from: known, to: checkpoint, path }))
      throw await this.contradiction(known, path);
  }

  /** A fork only where the hashes lead to the root that is signed: files that do not may have been altered by whoever serves them. */
  private async contradiction(known: Checkpoint, path: Uint8Array[]): Promise<PotError> {
    const { checkpoint } = this;
    if (known.size === 0) return forked(known, checkpoint, []);
    const all = isPowerOfTwo(known.size) ? [await this.reader.root(known.size), ...path] : path;
    const now = consistencyRoots(known.size, checkpoint.size, all)?.now;
    return now && same(now, checkpoint.root) ? forked(known, checkpoint, all) : unfit(checkpoint, known.size);
  }

  /**
   * Looks at every file: entries, tiles, the root, rotations of keys.
   *
   * Errors: `LEDGER_CUT`, `LEDGER_TILE`, `LEDGER_REORDERED`, `LEDGER_ALTERED`, `LEDGER_KEYS`; what `signal` was aborted with.
   */
  async verify(
    options: { onProgress?: (entries: number) => void; signal?: AbortSignal } = {},
  ): Promise<void> {
    await verifyTree(this.reader, this.checkpoint.root, { keyNotes: this.keyNotes, ...options });
  }

  private async included(index: number): Promise<{ entry: Uint8Array; path: Uint8Array[] }> {
    const { size, root } = this.checkpoint;
    requireIndex(index, size);
    const [entries, path] = await Promise.all([
      this.reader.bundle(Math.floor(index / TILE_WIDTH)),
      this.reader.inclusionPath(index),
    ]);
    const entry = entries[index % TILE_WIDTH]!;
    if (verifyInclusion({ index, size, leaf: leafHash(entry), path, root })) return { entry, path };
    throw unfit(this.checkpoint, index);
  }
}

async function readKeyNotes(source: LogSource): Promise<string[]> {
  const notes: string[] = [];
  for (; notes.length < MAX_KEY_NOTES; ) {
    const bytes = await source.read(keyNotePath(notes.length), MAX_NOTE_BYTES);
    if (!bytes) break;
    // What is no text is no note either, which the reader of notes says.
    notes.push(textOf(bytes) ?? '');
  }
  return notes;
}

/** Where a note about keys lies, from the log's root. */
export function keyNotePath(number: number): string {
  return `keys/${String(number).padStart(3, '0')}`;
}

function requireIndex(index: number, end: number): void {
  if (Number.isSafeInteger(index) && index >= 0 && index < end) return;
  throw new PotError('LEDGER_INDEX', `the log has no entry or size of this number`, {
    details: { below: end },
    hint: `Give a whole number below ${end}.`,
  });
}

function unfit({ size }: Checkpoint, index: number): PotError {
  return new PotError('LEDGER_ALTERED', `the files around entry ${index} are not those of the checkpoint`, {
    details: { index, size },
    hint: 'verify() says which file it is.',
  });
}

function cut(path: string): PotError {
  return new PotError('LEDGER_CUT', `the log's file ${path} is not there`, {
    details: { path },
    hint: "Give the log's root: the folder, or the address, below which checkpoint and tile/ lie.",
  });
}
