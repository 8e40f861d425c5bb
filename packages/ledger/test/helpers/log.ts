import { bytesOf, concat } from '../../src/bytes.js';
import { checkpointText } from '../../src/checkpoint/checkpoint.js';
import { keyNoteHash, writeKeyNote } from '../../src/checkpoint/keyRing.js';
import { ROTATION } from '../../src/event/entry.js';
import type { LogKeys } from '../../src/index.js';
import { formatNote, signNote } from '../../src/note/note.js';
import { parseSigner } from '../../src/note/signer.js';
import { treeOf } from './tree.js';

/** The first note about keys, once: a second one would have other signatures, as no log has. */
const firstNotes = new WeakMap<LogKeys, string>();

/** A log's public files, in memory: these entries, and at `rotatedAt` a rotation to other keys. */
export function publicFiles(
  keys: LogKeys,
  entries: readonly Uint8Array[],
  next?: { at: number; keys: LogKeys },
) {
  const signers = keys.signers.map(parseSigner);
  const origin = signers[0]!.key.name;
  const first = firstNotes.get(keys) ?? writeKeyNote(signers, 0);
  firstNotes.set(keys, first);
  const notes = [first];
  const all = [...entries];
  if (next) {
    notes.push(
      writeKeyNote(next.keys.signers.map(parseSigner), next.at + 1, { note: notes[0]!, number: 0, signers }),
    );
    all.splice(next.at, 0, concat(Uint8Array.of(ROTATION), keyNoteHash(notes[1]!)));
  }
  const { files, builder } = treeOf(all);
  const text = checkpointText({ origin, size: builder.size, root: builder.root() });
  const note = formatNote(signNote(text, (next?.keys ?? keys).signers.map(parseSigner)));
  files.set('checkpoint', bytesOf(note));
  for (const [n, text] of notes.entries()) files.set(`keys/${String(n).padStart(3, '0')}`, bytesOf(text));
  return { files, note };
}
