import { PotError } from '@proof-of-training/errors';
import { fromBase64, same, toBase64, wholeNumber } from '../bytes.js';
import { HASH_BYTES } from '../merkle/hash.js';
import type { TreeHead } from '../merkle/verify.js';
import { hexOf, type VerifierKey } from '../note/key.js';
import { formatNote, type Note, parseNote, requireSignatures, signedBy } from '../note/note.js';
import { type KeyRing, keysAt } from './keyRing.js';

/** A log's state, signed: how many entries, and the root over them (C2SP tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  origin: string;
  /** The signed note, as it came. */
  note: string;
}

/** Witnesses that must have cosigned: `threshold` of these keys. */
export interface Witnesses {
  /** As vkeys of type 0x04 (Ed25519) or 0x06 (ML-DSA-44). */
  keys: readonly VerifierKey[];
  threshold: number;
}

/** The text of a checkpoint, which is signed. */
export function checkpointText({ origin, size, root }: TreeHead & { origin: string }): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * Reads a checkpoint, and verifies nothing. Errors: `LEDGER_NOTE`, `LEDGER_CHECKPOINT`.
 *
 * @example
 * const { origin, size } = parseCheckpoint(text);
 */
export function parseCheckpoint(source: string | Uint8Array): Checkpoint & { signed: Note } {
  const signed = parseNote(source);
  const [origin, sizeText, rootText, ...more] = signed.text.slice(0, -1).split('\n');
  const [size, root] = [wholeNumber(sizeText ?? ''), fromBase64(rootText ?? '')];
  if (!origin || size === undefined || root?.length !== HASH_BYTES || more.includes('')) {
    throw new PotError('LEDGER_CHECKPOINT', 'the note is not origin, size and root of a log', {
      hint: "Give the file named checkpoint, as it lies in the log's root.",
    });
  }
  return { origin, size, root, note: formatNote(signed), signed };
}

/**
 * Reads a checkpoint that the log has signed with both its keys, those in force at its size, and as many witnesses as are asked for.
 *
 * Errors: `LEDGER_NOTE`, `LEDGER_CHECKPOINT`, `LEDGER_SIGNATURE`, `LEDGER_ORIGIN`, `LEDGER_WITNESSES`.
 *
 * @example
 * const { size, root } = verifyCheckpoint(text, keyRing({ vkeys }));
 */
export function verifyCheckpoint(
  source: string | Uint8Array,
  ring: KeyRing,
  { witnesses }: { witnesses?: Witnesses } = {},
): Checkpoint {
  const { signed, ...checkpoint } = parseCheckpoint(source);
  if (checkpoint.origin !== ring.origin) {
    throw new PotError('LEDGER_ORIGIN', 'the checkpoint is of another log than the keys', {
      details: { origin: checkpoint.origin.slice(0, 255), expected: ring.origin },
      hint: 'Give the checkpoint of the log whose keys you pinned.',
    });
  }
  requireSignatures(signed, keysAt(ring, checkpoint.size));
  if (witnesses) requireWitnesses(signed, witnesses);
  return checkpoint;
}

function requireWitnesses(note: Note, { keys, threshold }: Witnesses): void {
  const signed = new Set(signedBy(note, keys).map(({ publicKey }) => toBase64(publicKey)));
  if (signed.size >= threshold) return;
  throw new PotError('LEDGER_WITNESSES', `${signed.size} of ${threshold} witnesses have cosigned`, {
    details: { known: keys.map(({ name, id }) => `${name} ${hexOf(id)}`) },
    hint: 'Ask the log for a checkpoint that its witnesses have seen.',
  });
}

/**
 * Two checkpoints of one log that are both signed and cannot both be true.
 *
 * Errors: `LEDGER_FORKED`, with both notes in `details.notes`, where they are of one size and have different roots.
 *
 * @example
 * refuseFork(verifyCheckpoint(mine, ring), verifyCheckpoint(yours, ring));
 */
export function refuseFork(one: Checkpoint, other: Checkpoint): void {
  if (one.size === other.size && !same(one.root, other.root)) throw forked(one, other);
}

/**
 * That two checkpoints contradict each other, with both as evidence.
 *
 * @param path of different sizes: hashes of the larger tree that show it, as `consistencyRoots` reads them
 */
export function forked(one: Checkpoint, other: Checkpoint, path?: readonly Uint8Array[]): PotError {
  return new PotError(
    'LEDGER_FORKED',
    `the log ${one.origin} has signed two histories: of ${one.size} and of ${other.size} entries`,
    {
      details: { notes: [one.note, other.note], ...(path && { path: path.map(toBase64) }) },
      hint: 'What shows it to everyone is in details, notes and path: keep and publish it.',
    },
  );
}
