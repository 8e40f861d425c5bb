import { PotError } from '@proof-of-training/errors';
import { bytesOf, fromBase64, same, sha256, toBase64, wholeNumber } from '../bytes.js';
import { formatVkey, parseVkey, type VerifierKey } from '../note/key.js';
import { formatNote, type Note, parseNote, requireSignatures, signNote } from '../note/note.js';
import { LOG_KEY_TYPES, type Signer } from '../note/signer.js';

/** First line of a note about keys: no origin may be this. */
export const KEYS_FORMAT = 'proof-of-training/ledger-keys@v1';
const NONE = new Uint8Array(32);

/** The keys of a log, and from which size on each pair is in force. */
export interface KeyRing {
  origin: string;
  epochs: readonly { from: number; keys: readonly VerifierKey[] }[];
}

/** A note about keys: the first one, or a rotation. */
export interface KeyNote {
  origin: string;
  /** 0 for the first. */
  number: number;
  /** Size of the tree from which on the keys are in force: for a rotation, the size with its own entry. */
  from: number;
  /** SHA-256 of the note before. */
  previous: Uint8Array;
  keys: VerifierKey[];
  note: Note;
}

/**
 * The keys that a verifier believes, from those that it pinned: without `notes` these alone, from the beginning on. With the log's notes
 * about keys (files keys/000, keys/001, ... of its root), also those that came before and after: each later pair is named by a note that the
 * pair before has signed, and each note names the one before by its hash.
 *
 * Errors: `LEDGER_KEY_INVALID`, `LEDGER_NOTE`, `LEDGER_KEYS`, `LEDGER_SIGNATURE`.
 *
 * @example
 * const ring = keyRing({ vkeys: generateLogKeys('example.com/log').vkeys });
 * console.log(ring.origin);
 */
export function keyRing({
  vkeys,
  notes = [],
}: {
  vkeys: readonly string[];
  notes?: readonly string[];
}): KeyRing {
  const pinned = pairOf(vkeys.map(parseVkey));
  const { name: origin } = pinned[0]!;
  if (notes.length === 0) return { origin, epochs: [{ from: 0, keys: pinned }] };
  const read = notes.map(readKeyNote);
  for (const [n, note] of read.entries()) requireNext(note, read[n - 1], origin, n);
  if (!read.some(({ keys }) => isPair(keys, pinned)))
    throw wrong('none of them names the keys that are pinned');
  return { origin, epochs: read.map(({ from, keys }) => ({ from, keys })) };
}

/** The pair that signs a checkpoint of this size. */
export function keysAt({ epochs }: KeyRing, size: number): readonly VerifierKey[] {
  return epochs.filter(({ from }) => from <= size).at(-1)?.keys ?? [];
}

/** Whether both are one pair of keys. */
export function isPair(one: readonly VerifierKey[], other: readonly VerifierKey[]): boolean {
  return one.length === other.length && one.every((key, i) => formatVkey(key) === formatVkey(other[i]!));
}

/** What a note about keys is known by: in the entry of a rotation, and in the note after it. */
export function keyNoteHash(note: string): Uint8Array {
  return sha256(note);
}

/**
 * A note that names a new pair of keys, signed by it and by the pair before.
 *
 * @param before the last note and its signers; without, the log's first
 */
export function writeKeyNote(
  signers: readonly Signer[],
  from: number,
  before?: { note: string; number: number; signers: readonly Signer[] },
): string {
  const keys = pairOf(signers.map(({ key }) => key));
  const text = [
    KEYS_FORMAT,
    keys[0]!.name,
    before ? before.number + 1 : 0,
    from,
    toBase64(before ? keyNoteHash(before.note) : NONE),
    ...keys.map(formatVkey),
  ];
  return formatNote(signNote(`${text.join('\n')}\n`, [...(before?.signers ?? []), ...signers]));
}

/** Reads a note about keys, and verifies nothing. Errors: `LEDGER_NOTE`, `LEDGER_KEYS`. */
export function readKeyNote(source: string): KeyNote {
  const note = parseNote(source);
  const [format, origin, numberText, fromText, previousText, ...vkeys] = note.text.slice(0, -1).split('\n');
  const [number, from] = [wholeNumber(numberText ?? ''), wholeNumber(fromText ?? '')];
  const previous = fromBase64(previousText ?? '');
  if (
    format !== KEYS_FORMAT ||
    !origin ||
    number === undefined ||
    from === undefined ||
    previous?.length !== 32
  )
    throw wrong('one is of another format');
  if (formatNote(note) !== source) throw wrong('one is not in its one form');
  const keys = pairOf(vkeys.map(parseVkey));
  if (keys[0]!.name !== origin) throw wrong('one names keys of another log');
  return { origin, number, from, previous, keys, note };
}

/** Errors: `LEDGER_KEYS`, `LEDGER_SIGNATURE` unless a note follows the one before, signed by its keys. */
export function requireNext(note: KeyNote, before: KeyNote | undefined, origin: string, n: number): void {
  const previous = before ? keyNoteHash(formatNote(before.note)) : NONE;
  if (note.origin !== origin || note.number !== n || !same(note.previous, previous))
    throw wrong(`number ${n} does not follow the one before`);
  if (before ? note.from <= before.from : note.from !== 0) throw wrong(`number ${n} begins too early`);
  if (before?.keys.some((old) => note.keys.some((key) => same(key.publicKey, old.publicKey))))
    throw wrong(`number ${n} keeps a key`);
  // The old pair's word first: without it nobody may name the next one.
  requireSignatures(note.note, [...(before?.keys ?? []), ...note.keys]);
}

/** One key for Ed25519 and one for ML-DSA-65, of one name, in this order. */
function pairOf(keys: readonly VerifierKey[]): VerifierKey[] {
  const pair = LOG_KEY_TYPES.map((type) => keys.find((key) => key.type === type));
  const [first, second] = pair;
  if (keys.length !== 2 || !first || !second || first.name !== second.name)
    throw wrong('a log has two keys of one name, for Ed25519 and ML-DSA-65');
  if (bytesOf(first.name).length > 255 || first.name === KEYS_FORMAT)
    throw wrong('the name cannot be an origin');
  return [first, second];
}

function wrong(why: string): PotError {
  return new PotError('LEDGER_KEYS', `the log's keys do not fit: ${why}`, {
    hint: "Pin both keys as the log's owner published them, and give all files in keys/, in order.",
  });
}
