import { PotError } from '@proof-of-training/errors';
import { fromBase64, textOf, toBase64, wholeNumber } from '../bytes.js';
import { type Checkpoint, verifyCheckpoint, type Witnesses } from '../checkpoint/checkpoint.js';
import type { KeyRing } from '../checkpoint/keyRing.js';
import { HASH_BYTES, leafHash } from '../merkle/hash.js';
import { verifyInclusion } from '../merkle/verify.js';
import { MAX_NOTE_BYTES } from '../note/note.js';

/** First line of a proof file (C2SP tlog-proof). */
const FORMAT = 'c2sp.org/tlog-proof@v1';
/** Largest proof file that is read: an event's disclosed values lie in it. */
export const MAX_PROOF_BYTES = 1 << 20;
/** A tree of 2^53 leaves has paths of 53. */
const MAX_PATH = 64;

/** What a `.tlog-proof` file says. Nothing of it is believed before {@link verifyTlogProof}. */
export interface TlogProof {
  index: number;
  path: Uint8Array[];
  /** The checkpoint's note. */
  checkpoint: string;
  /** What belongs to it and is not authenticated by the format. */
  extra?: Uint8Array;
}

/** A proof as the text of a `.tlog-proof` file. */
export function formatTlogProof({ index, path, checkpoint, extra }: TlogProof): string {
  const lines = [
    FORMAT,
    ...(extra ? [`extra ${toBase64(extra)}`] : []),
    `index ${index}`,
    ...path.map(toBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads a `.tlog-proof` file, and verifies nothing. Errors: `LEDGER_PROOF_FORMAT`. */
export function parseTlogProof(source: string | Uint8Array): TlogProof {
  if (source.length > MAX_PROOF_BYTES) throw malformed(`it has more than ${MAX_PROOF_BYTES} bytes`);
  const text = typeof source === 'string' ? source : textOf(source);
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || end < 0) throw malformed('it has no checkpoint after an empty line');
  const [format, ...lines] = text.slice(0, end).split('\n');
  if (format !== FORMAT) throw malformed(`it does not begin with ${FORMAT}`);
  const extra = lines[0]?.startsWith('extra ') ? fromBase64(lines.shift()!.slice(6)) : null;
  const [, indexText] = /^index (\d+)$/.exec(lines.shift() ?? '') ?? [];
  const index = wholeNumber(indexText ?? '');
  if (extra === undefined || index === undefined) throw malformed('a line is wrong');
  const path = lines.map(fromBase64);
  if (path.length > MAX_PATH || path.some((hash) => hash?.length !== HASH_BYTES))
    throw malformed('a hash is none');
  const checkpoint = text.slice(end + 2);
  if (checkpoint.length > MAX_NOTE_BYTES) throw malformed('its checkpoint is too long');
  return { index, path: path as Uint8Array[], checkpoint, ...(extra && { extra }) };
}

/**
 * Verifies that an entry stands in a log, offline: signatures of the checkpoint, witnesses where they are asked for, the path to the root.
 *
 * Errors: `LEDGER_PROOF_FORMAT`, those of `verifyCheckpoint`, `LEDGER_NOT_INCLUDED`.
 *
 * @param entry the entry's bytes, as a bundle has them
 *
 * @example
 * const { index, checkpoint } = verifyTlogProof(text, entry, keyRing({ vkeys }));
 */
export function verifyTlogProof(
  source: string | Uint8Array,
  entry: Uint8Array,
  ring: KeyRing,
  options: { witnesses?: Witnesses } = {},
): { index: number; checkpoint: Checkpoint } {
  return provenUnder(source, entry, (note) => verifyCheckpoint(note, ring, options));
}

/** The same with checkpoints of `checkpointOf`, which verifies them: once, where many proofs have the same. */
export function provenUnder(
  source: string | Uint8Array,
  entry: Uint8Array,
  checkpointOf: (note: string) => Checkpoint,
): { index: number; checkpoint: Checkpoint } {
  const { index, path, checkpoint: note } = parseTlogProof(source);
  const checkpoint = checkpointOf(note);
  const { size, root, origin } = checkpoint;
  if (verifyInclusion({ index, size, leaf: leafHash(entry), path, root })) return { index, checkpoint };
  throw new PotError(
    'LEDGER_NOT_INCLUDED',
    `the entry is not number ${index} of the log of ${size} entries`,
    {
      details: { index, size, origin },
      hint: 'The entry, the index or the path was altered: ask the log for the proof again.',
    },
  );
}

function malformed(why: string): PotError {
  return new PotError('LEDGER_PROOF_FORMAT', `this is no .tlog-proof file: ${why}`, {
    hint: 'Get the file again: it may be damaged or of another kind.',
  });
}
