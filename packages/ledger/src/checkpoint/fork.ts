import { PotError } from '@proof-of-training/errors';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { fromBase64, same } from '../bytes.js';
import { emptyRoot } from '../merkle/hash.js';
import { consistencyRoots } from '../merkle/verify.js';
import { MAX_NOTE_BYTES } from '../note/note.js';
import { type Checkpoint, verifyCheckpoint } from './checkpoint.js';
import { keyRing } from './keyRing.js';

export const FORK_FORMAT = 'proof-of-training/ledger-fork@v1';

const hash = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
const schema = z.strictObject({
  format: z.literal(FORK_FORMAT),
  /** The log's notes about keys. */
  keys: z.array(z.string().max(MAX_NOTE_BYTES)).max(1000),
  /** Two signed checkpoints, the smaller one first. */
  notes: z.tuple([z.string().max(MAX_NOTE_BYTES), z.string().max(MAX_NOTE_BYTES)]),
  /** Of different sizes: hashes of the larger tree, from which its root follows, and another one than was signed for its first part. */
  path: z.array(hash).max(128).optional(),
});

/** What shows to everyone that a log has signed two histories. */
export type ForkReport = z.infer<typeof schema>;

/** Largest report that is read. */
const MAX_BYTES = 1 << 24;

/**
 * Verifies a report that a log has signed two histories: both notes carry its signatures, and they cannot both be true.
 *
 * Errors: `FORMAT_*`, `LEDGER_FORK_REPORT` where it shows none; those of `keyRing` and `verifyCheckpoint`.
 *
 * @example
 * const { origin, sizes } = verifyFork(await readFile('fork.json'), { vkeys });
 */
export function verifyFork(
  source: string | Uint8Array,
  { vkeys }: { vkeys: readonly string[] },
): { origin: string; sizes: [number, number] } {
  const read = schema.safeParse(readStrictJson(source, { maxBytes: MAX_BYTES }, 'the report'));
  if (!read.success) throw none('it is of another format');
  const { notes, keys, path = [] } = read.data;
  const ring = keyRing({ vkeys, notes: keys });
  const [one, other] = [verifyCheckpoint(notes[0], ring), verifyCheckpoint(notes[1], ring)];
  const hashes = path.flatMap((text) => fromBase64(text) ?? []);
  if (!contradicts(one, other, hashes)) throw none('both notes can be true');
  return { origin: ring.origin, sizes: [one.size, other.size] };
}

function contradicts(one: Checkpoint, other: Checkpoint, hashes: readonly Uint8Array[]): boolean {
  if (one.size === other.size) return !same(one.root, other.root);
  if (one.size === 0) return !same(one.root, emptyRoot());
  const roots = consistencyRoots(one.size, other.size, hashes);
  return roots !== undefined && same(roots.now, other.root) && !same(roots.before, one.root);
}

function none(why: string): PotError {
  return new PotError('LEDGER_FORK_REPORT', `the report shows no fork: ${why}`, {
    hint: 'Believe nothing of it. A report has two checkpoints that the log has signed and that contradict each other.',
  });
}
