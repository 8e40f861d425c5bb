import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lease } from '@proof-of-training/core/lease';
import { isPotError, PotError } from '@proof-of-training/errors';
import { type Checkpoint, checkpointText, verifyCheckpoint } from '../checkpoint/checkpoint.js';
import { writeKeyNote } from '../checkpoint/keyRing.js';
import { emptyRoot } from '../merkle/hash.js';
import { formatVkey } from '../note/key.js';
import { formatNote, signNote } from '../note/note.js';
import { EventIndex, type IndexRow } from './eventIndex.js';
import { writeFiles } from './files.js';
import { EVENT_RECORD } from './frames.js';
import { Journal } from './journal.js';
import { takeLease } from './lease.js';
import { type CreateLogOptions, type OpenLogOptions, signersOf } from './options.js';
import { recover } from './recover.js';
import { decodeEvent, textField } from './secretEvent.js';
import { Writer } from './writer.js';

/** An opened log's parts. */
export interface OpenedLog {
  writer: Writer;
  index: EventIndex;
  journal: Journal;
  lease: Lease;
  lastTime: number;
  vkeys: string[];
}

/** Begins a log of no entries. Errors: `LEDGER_EXISTS`, `LEDGER_WRITE`, `LEDGER_LOCKED`, `LEDGER_KEY_INVALID`, `LEDGER_KEYS`. */
export async function createFiles({ dir, signers: texts }: CreateLogOptions): Promise<void> {
  const signers = signersOf(texts);
  const keyNote = writeKeyNote(signers, 0);
  const head = checkpointText({ origin: signers[0]!.key.name, size: 0, root: emptyRoot() });
  const lease = await takeLease(join(dir, 'private'), 0, () => {}).catch((e) => {
    throw isPotError(e) ? e : unwritable(dir, e);
  });
  try {
    if (await isLog(dir)) {
      throw new PotError('LEDGER_EXISTS', 'the folder holds a log already', {
        details: { dir },
        hint: 'Open it with EventLog.open, or use another folder.',
      });
    }
    await writeFiles(join(dir, 'public'), [{ path: 'keys/000', bytes: keyNote }]);
    // Last: with it there is a log.
    await writeFiles(join(dir, 'public'), [
      { path: 'checkpoint', bytes: formatNote(signNote(head, signers)) },
    ]);
  } catch (e) {
    throw isPotError(e) ? e : unwritable(dir, e);
  } finally {
    await lease.release();
  }
}

function unwritable(dir: string, cause: unknown): PotError {
  return new PotError('LEDGER_WRITE', 'the log cannot be begun in this folder', {
    details: { dir },
    cause,
    hint: 'Give a folder that this user may write, with space left.',
  });
}

/** Whether a log was begun here: one whose checkpoint is gone is one. */
async function isLog(dir: string): Promise<boolean> {
  const journal = join(dir, 'private', 'journal');
  return (
    existsSync(join(dir, 'public', 'checkpoint')) ||
    (existsSync(journal) && (await readdir(journal)).length > 0)
  );
}

/** Opens a log for writing. Errors: `LEDGER_MISSING`, `LEDGER_LOCKED`, those of {@link recover}, `LEDGER_ROLLED_BACK`, `LEDGER_FORKED`. */
export async function openFiles(options: OpenLogOptions): Promise<OpenedLog> {
  const { dir, known = [], onWarning = () => {} } = options;
  if (!(await isLog(dir))) {
    throw new PotError('LEDGER_MISSING', 'the folder holds no log', {
      details: { dir },
      hint: 'Begin one with EventLog.create.',
    });
  }
  const signers = signersOf(options.signers);
  const lease = await takeLease(join(dir, 'private'), options.waitMs ?? 0, onWarning);
  let journal: Journal | undefined;
  let index: EventIndex | undefined;
  try {
    journal = await Journal.open(join(dir, 'private', 'journal'));
    const vkeys = signers.map(({ key }) => formatVkey(key));
    const { published, tree, full, rows } = await recover(dir, journal, signers, { vkeys, known, onWarning });
    index = EventIndex.open(join(dir, 'private', 'index.sqlite'));
    // The index has seen a checkpoint as well: an older state, or another one, does not pass.
    if (index.note !== undefined)
      await published.requireContinues(verifyCheckpoint(index.note, published.ring));
    await catchUp(index, journal, published.checkpoint.size, published.checkpoint.note);
    const number = published.keyNotes.length - 1;
    const keys = { note: published.keyNotes[number]!, number };
    const parts = {
      dir,
      lease,
      journal,
      index,
      tree,
      full,
      rows,
      signers,
      keys,
      published: published.checkpoint,
    };
    const writer = new Writer(parts);
    const lastTime = Math.max(index.lastTime, rows.at(-1)?.time ?? 0);
    return { writer, index, journal, lease, lastTime, vkeys };
  } catch (e) {
    index?.close();
    await journal?.close();
    await lease.release();
    throw e;
  }
}

/** A new index from the journal, in the place of the old one, which is closed. Errors: `LEDGER_JOURNAL`, `LEDGER_DATABASE`. */
export async function rebuild(
  dir: string,
  journal: Journal,
  { size, note }: Checkpoint,
): Promise<EventIndex> {
  const path = join(dir, 'private', 'index.sqlite');
  EventIndex.remove(path);
  const index = EventIndex.open(path);
  await catchUp(index, journal, size, note);
  return index;
}

/** Adds to the index what it has not seen. */
async function catchUp(index: EventIndex, journal: Journal, size: number, note: string): Promise<void> {
  if (index.size >= size) return;
  const begin = index.size;
  let rows: IndexRow[] = [];
  let seen = begin;
  for await (const { first, records } of journal.frames(begin)) {
    for (const [i, { kind, body, offset }] of records.entries()) {
      if (first + i < begin || first + i >= size) continue;
      seen = first + i + 1;
      if (kind === EVENT_RECORD) rows.push(rowOf(body, first + i, offset));
    }
    if (rows.length < 10_000) continue;
    index.add(rows, seen);
    rows = [];
  }
  index.add(rows, size, note);
}

/** What the index has of an event's record. Errors: `LEDGER_JOURNAL`. */
export function rowOf(body: Uint8Array, index: number, offset: number): IndexRow {
  const event = decodeEvent(body, index);
  const time = new Date(textField(event, 'time')).getTime();
  return { index, id: textField(event, 'id'), type: textField(event, 'type'), time, offset };
}
