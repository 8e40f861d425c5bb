import { hex32Schema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { runSchema } from '../run/schema.js';
import { parseAs, type Readable } from './parse.js';
import { proofBytesSchema } from './schema.js';
import { FORMAT_VERSION } from './version.js';

export const INFERENCE_FORMAT = 'proof-of-training/inference';

/** Largest inference proof that is read, in bytes: public inputs and outputs are in it. */
export const MAX_INFERENCE_BYTES = 32 << 20;

/** Values, and integers in all of them. */
const [MAX_VALUES, MAX_INTEGERS] = [4096, 1 << 21];

/** Looked at as a whole: an error for each of a million wrong numbers would be a million errors. */
const integers = z.custom<number[][]>(
  areIntegers,
  `must be up to ${MAX_VALUES} arrays with up to ${MAX_INTEGERS} whole numbers in all`,
);

function areIntegers(values: unknown): boolean {
  if (!Array.isArray(values) || values.length > MAX_VALUES || !values.every(Array.isArray)) return false;
  if (values.reduce((n, v) => n + v.length, 0) > MAX_INTEGERS) return false;
  return values.every((v) => v.every((n: unknown) => Number.isSafeInteger(n) && !Object.is(n, -0)));
}

/** How inputs or outputs are shown: not there, by their digest, or as they are. */
export const shownSchema = z.union([
  z.literal('nothing'),
  z.strictObject({ committed: hex32Schema }),
  z.strictObject({ public: integers }),
]);

/** A digest, or an empty text where the graph has no such weights. */
const digestSchema = z.union([hex32Schema, z.literal('')]);

/** What one proof says: docs/protocol/graph-proof.md, section 2. */
export const inferenceStatementSchema = z.strictObject({
  context: hex32Schema,
  rate: z.literal(0),
  weights: digestSchema,
  weightsAfter: z.literal(''),
  frozen: digestSchema,
  inputs: shownSchema,
  outputs: shownSchema,
});

/** A proof that a model gives these outputs: docs/protocol/bundle-format.md. */
export const inferenceSchema = z.strictObject({
  format: z.literal(INFERENCE_FORMAT),
  version: z.literal(FORMAT_VERSION),
  /** The canonical texts of docs/protocol/graph-proof.md, section 1. */
  graph: z
    .string()
    .min(2)
    .max(1 << 22),
  settings: z.string().min(2).max(4096),
  srs: runSchema.shape.srs,
  /** Digest of the verifying key; the verifier derives the key itself and compares. */
  key: runSchema.shape.keys.shape.window,
  /** Of the proof; absent: `blake2b`. The proof holds with its own alone. */
  transcript: runSchema.shape.transcript,
  public: inferenceStatementSchema,
  proof: proofBytesSchema,
});

export type InferenceProof = z.infer<typeof inferenceSchema>;
export type InferenceStatement = z.infer<typeof inferenceStatementSchema>;
export type Shown = z.infer<typeof shownSchema>;

/**
 * Reads a proof of an inference, of unknown origin. Errors: those of `parseBundle`.
 *
 * @example
 * const { public: statement } = parseInference(await readFile('inference.json'));
 */
export function parseInference(source: Readable, maxBytes = MAX_INFERENCE_BYTES): InferenceProof {
  return parseAs(source, INFERENCE_FORMAT, inferenceSchema, maxBytes);
}
