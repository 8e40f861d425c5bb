import { PotError } from '@proof-of-training/errors';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { digestSchema } from '../events/digest.js';
import { MAX_NOTE_BYTES } from '../note/note.js';
import { MAX_PROOF_BYTES } from '../proof/tlogProof.js';

export const ANSWER_FORMAT = 'proof-of-training/audit-answer@v1';
/** Largest answer that is read. */
export const MAX_ANSWER_BYTES = 128 << 20;
const MAX_ENTRIES = 200_000;

const moment = z.iso.datetime();

const questionSchema = z.discriminatedUnion('kind', [
  /** How was something made from something else? */
  z.strictObject({ kind: z.literal('trace'), from: digestSchema, to: digestSchema }),
  /** What happened from a time on and before another? */
  z.strictObject({ kind: z.literal('timeline'), from: moment, to: moment }),
  /** What does SQL give over the views? */
  z.strictObject({ kind: z.literal('query'), sql: z.string().min(1).max(100_000) }),
  /** What is in the log, in numbers? */
  z.strictObject({ kind: z.literal('report') }),
  /** What do some events say? */
  z.strictObject({ kind: z.literal('events') }),
]);

export type Question = z.infer<typeof questionSchema>;

const evidenceSchema = z.strictObject({
  checkpoint: z.string().max(MAX_NOTE_BYTES),
  /** The log's notes about keys. */
  keys: z.array(z.string().max(MAX_NOTE_BYTES)).max(1000),
  entries: z
    .array(
      z.strictObject({
        /** A `.tlog-proof` up to its empty line; the checkpoint follows there. */
        proof: z.string().max(MAX_PROOF_BYTES),
        /** Of a rotation: the number of its note. */
        keys: z.int().min(1).optional(),
      }),
    )
    .max(MAX_ENTRIES),
});

export type Evidence = z.infer<typeof evidenceSchema>;

const answerSchema = z.strictObject({
  format: z.literal(ANSWER_FORMAT),
  question: questionSchema,
  /** What follows from the evidence. A verifier computes it anew. */
  answer: z.unknown(),
  evidence: evidenceSchema,
});

/** An answer about a log, with what everyone needs to check it. */
export type Answer = z.infer<typeof answerSchema>;

/** Reads an answer of unknown origin, and verifies nothing. Errors: `FORMAT_*`, `LEDGER_ANSWER`. */
export function parseAnswer(source: string | Uint8Array): Answer {
  const value = readStrictJson(source, { maxBytes: MAX_ANSWER_BYTES, maxDepth: 40 }, 'the answer');
  const read = answerSchema.safeParse(value);
  if (read.success) return read.data;
  throw unfit(
    `it is of another format, or its ${read.error.issues[0]?.path.join('.') || 'content'} is wrong`,
  );
}

/** Why something is no answer. */
export function unfit(why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_ANSWER', `this is no answer that follows from its evidence: ${why}`, {
    hint: 'Believe nothing of it, and ask again.',
    ...(cause !== undefined && { cause }),
  });
}
