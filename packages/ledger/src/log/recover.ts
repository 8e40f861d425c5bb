import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { concat, textOf } from '../bytes.js';
import { checkpointText } from '../checkpoint/checkpoint.js';
import { isPair, type KeyRing, keyNoteHash, keysAt, readKeyNote } from '../checkpoint/keyRing.js';
import { ROTATION } from '../event/entry.js';
import { TileReader } from '../merkle/tileReader.js';
import type { TileFile, TreeBuilder } from '../merkle/treeBuilder.js';
import { MAX_NOTE_BYTES } from '../note/note.js';
import { verifySignature } from '../note/signature.js';
import type { Signer } from '../note/signer.js';
import { keyNotePath, PublicLog } from '../public/publicLog.js';
import { verifyTree } from '../public/verifyTree.js';
import type { IndexRow } from './eventIndex.js';
import { folderSource } from './files.js';
import { EVENT_RECORD, type Frame } from './frames.js';
import { damaged, type Journal } from './journal.js';
import { decodeEvent, entryOf, textField } from './secretEvent.js';

/** A log as it was left: what is signed and published, and what was committed after it. */
export interface Recovered {
  published: PublicLog;
  tree: TreeBuilder;
  /** Tiles and bundles that became full behind the checkpoint. */
  full: TileFile[];
  /** Rows of the events that are committed and not published. */
  rows: IndexRow[];
}

/**
 * Reads a log's folder and verifies it: the public files against their checkpoint, then the commits behind it, whose last signature has
 * everything before it. What a crash left is taken away: a frame that was not whole, hence not acknowledged, and a note about keys whose
 * rotation was never committed.
 *
 * Errors: those of `PublicLog.open` and of its `verify`; `LEDGER_KEYS`, `LEDGER_JOURNAL`, `LEDGER_CUT`, `LEDGER_SIGNATURE`.
 */
export async function recover(
  dir: string,
  journal: Journal,
  signers: readonly Signer[],
  {
    vkeys,
    known,
    onWarning,
  }: { vkeys: string[]; known: readonly string[]; onWarning: (message: string) => void },
): Promise<Recovered> {
  const source = folderSource(join(dir, 'public'));
  const open = () => PublicLog.open(source, { vkeys, known });
  let published = await open();
  const { origin, size, root } = published.checkpoint;
  const { frames, end } = await tailOf(journal, size, onWarning);
  const committed = frames.reduce((sum, { records }) => sum + records.length, size);
  if (await dropUnfinishedRotation(dir, committed)) published = await open();
  requireOwnKeys(published.ring, signers);
  const reader = new TileReader(source, size);
  const tree = await verifyTree(reader, root, { keyNotes: published.keyNotes });
  const full: TileFile[] = [];
  tree.onFull = (file) => full.push(file);
  const rows = frames.flatMap((frame) => replay(tree, origin, frame));
  const last = frames.at(-1);
  if (last) requireSigned(published.ring, tree, last);
  await journal.continueAt(committed, end);
  return { published, tree, full, rows };
}

/** Frames behind the checkpoint, and where the journal ends. */
async function tailOf(journal: Journal, size: number, onWarning: (message: string) => void) {
  const frames: Frame[] = [];
  let [end, last] = [0, 0];
  const onEnd = (at: number, torn: number) => {
    end = at;
    if (torn > 0) onWarning(`${torn} bytes of a commit that was not acknowledged were left by a crash`);
  };
  for await (const frame of journal.frames(Math.max(0, size - 1), onEnd)) {
    last = frame.first + frame.records.length;
    if (frame.first < size && last > size)
      throw damaged('of the journal', 'a commit lies across the checkpoint');
    if (frame.first >= size) frames.push(frame);
  }
  if (last >= size) return { frames, end };
  throw new PotError('LEDGER_CUT', `the private store has ${last} entries and the checkpoint ${size}`, {
    details: { size, found: last },
    hint: 'Restore the folder private from a copy.',
  });
}

/** A note about keys is written before its commit: without the commit it means nothing. */
async function dropUnfinishedRotation(dir: string, committed: number): Promise<boolean> {
  let isDropped = false;
  const folder = join(dir, 'public');
  for (let n = 1; ; n++) {
    const bytes = await folderSource(folder).read(keyNotePath(n), MAX_NOTE_BYTES);
    if (!bytes) return isDropped;
    if (readKeyNote(textOf(bytes) ?? '').from <= committed) continue;
    await rm(join(folder, keyNotePath(n)));
    isDropped = true;
  }
}

function requireOwnKeys({ epochs }: KeyRing, signers: readonly Signer[]): void {
  if (
    isPair(
      epochs.at(-1)!.keys,
      signers.map(({ key }) => key),
    )
  )
    return;
  throw new PotError('LEDGER_KEYS', "these signers are not the log's present ones", {
    hint: 'Give those of its last rotation.',
  });
}

/** Adds a frame's entries to the tree. Gives the rows of its events. */
function replay(tree: TreeBuilder, origin: string, frame: Frame): IndexRow[] {
  if (frame.first !== tree.size)
    throw damaged('of the journal', `index ${tree.size} is not where it should be`);
  return frame.records.flatMap(({ kind, body, offset }) => {
    const index = tree.size;
    if (kind !== EVENT_RECORD) {
      tree.push(concat(Uint8Array.of(ROTATION), keyNoteHash(textOf(body) ?? '')));
      return [];
    }
    const event = decodeEvent(body, index);
    tree.push(entryOf(origin, event));
    const time = new Date(textField(event, 'time')).getTime();
    return [{ index, id: textField(event, 'id'), type: textField(event, 'type'), time, offset }];
  });
}

function requireSigned(ring: KeyRing, tree: TreeBuilder, { signature }: Frame): void {
  const text = checkpointText({ origin: ring.origin, size: tree.size, root: tree.root() });
  const [ed25519] = keysAt(ring, tree.size);
  if (ed25519 && verifySignature(ed25519, text, signature)) return;
  throw new PotError('LEDGER_SIGNATURE', 'what was committed after the checkpoint is not signed by the log', {
    hint: 'Somebody changed the private store: restore the folder private from a copy.',
  });
}
