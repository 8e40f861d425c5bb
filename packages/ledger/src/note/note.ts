import { PotError } from '@proof-of-training/errors';
import { bytesOf, concat, fromBase64, fromBigEndian, textOf, toBase64 } from '../bytes.js';
import { hexOf, idBytes, isKeyName, type VerifierKey } from './key.js';
import { verifySignature } from './signature.js';
import type { Signer } from './signer.js';

/** Largest note that is read: 16 signatures of ML-DSA-87 are far below. */
export const MAX_NOTE_BYTES = 1 << 18;
const MAX_SIGNATURES = 64;

/** A signature's line: who says to have signed, and what follows the key's id. */
export interface NoteSignature {
  name: string;
  id: number;
  signature: Uint8Array;
}

/** A signed note (C2SP signed-note). Nothing of it is believed before {@link openNote}. */
export interface Note {
  /** Ends with a newline. */
  text: string;
  signatures: NoteSignature[];
}

/** Reads a note, and verifies nothing. Errors: `LEDGER_NOTE`. */
export function parseNote(source: string | Uint8Array): Note {
  if (source.length > MAX_NOTE_BYTES) throw malformed(`it has more than ${MAX_NOTE_BYTES} bytes`);
  const all = typeof source === 'string' ? source : textOf(source);
  // Half a pair of surrogates is no UTF-8.
  if (all === undefined || /\p{Cs}/u.test(all)) throw malformed('it is not UTF-8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that a note must not have.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(all)) throw malformed('it has control characters');
  const end = all.lastIndexOf('\n\n');
  if (end < 0 || !all.endsWith('\n')) throw malformed('it is not text, an empty line and signatures');
  const lines = all.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed(`it has more than ${MAX_SIGNATURES} signatures`);
  return { text: all.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = fromBase64(base64 ?? '');
  if (!name || !isKeyName(name) || !bytes || bytes.length < 5) throw malformed('a line is no signature');
  return { name, id: fromBigEndian(bytes.subarray(0, 4)), signature: bytes.slice(4) };
}

/** A note as its text. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures
    .map(({ name, id, signature }) => `— ${name} ${toBase64(concat(idBytes(id), signature))}\n`)
    .join('')}`;
}

/** Signs a text, which ends with a newline. */
export function signNote(text: string, signers: readonly Signer[]): Note {
  const message = bytesOf(text);
  return {
    text,
    signatures: signers.map(({ key, sign }) => ({ name: key.name, id: key.id, signature: sign(message) })),
  };
}

/**
 * Which of these keys have signed. Signatures of other keys are passed over.
 *
 * Errors: `LEDGER_SIGNATURE` where a signature of one of these keys is wrong, or one has signed twice.
 */
export function signedBy(note: Note, keys: readonly VerifierKey[]): VerifierKey[] {
  return keys.filter((key) => {
    const own = note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
    if (own.length === 0) return false;
    if (own.length === 1 && verifySignature(key, note.text, own[0]!.signature)) return true;
    throw unsigned(`the signature of ${key.name} (${hexOf(key.id)}) is wrong`);
  });
}

/**
 * Reads a note that each of these keys has signed. Signatures of others stand beside, unverified.
 *
 * Errors: `LEDGER_NOTE`, `LEDGER_SIGNATURE`.
 *
 * @example
 * const { text } = openNote(note, [parseVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')]);
 */
export function openNote(source: string | Uint8Array, keys: readonly VerifierKey[]): Note {
  const note = parseNote(source);
  requireSignatures(note, keys);
  return note;
}

/** Errors: `LEDGER_SIGNATURE` unless each of these keys has signed. */
export function requireSignatures(note: Note, keys: readonly VerifierKey[]): void {
  if (keys.length === 0) throw unsigned('no key is given that it could be verified with');
  const signed = signedBy(note, keys);
  const missing = keys.find((key) => !signed.includes(key));
  if (missing) throw unsigned(`${missing.name} (${missing.type}, ${hexOf(missing.id)}) has not signed it`);
}

function malformed(why: string): PotError {
  return new PotError('LEDGER_NOTE', `this is no signed note: ${why}`, {
    hint: 'Get the file again: it may be damaged or of another kind.',
  });
}

function unsigned(why: string): PotError {
  return new PotError('LEDGER_SIGNATURE', `the note is not signed as it must be: ${why}`, {
    hint: "Believe nothing of it. Compare the keys that you pinned with those that the log's owner publishes.",
  });
}
