import { PotError } from '@proof-of-training/errors';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Json } from '../event/canonical.js';
import { digestOfBytes, momentSchema, sha256Schema } from '../events/digest.js';
import { eventFlow } from '../events/kinds.js';

/** The one type of proof that this package writes: an event of a log, with its place in the tree. */
export const TLOG_PROOF = 'tlog-proof';
/** Largest record that is read. */
const MAX_RECORD_BYTES = 16 << 20;

const digest = sha256Schema;

/** A record as it is exchanged: docs/protocol/universal-record.md, and the JSON Schema beside it. */
export const recordSchema = z.strictObject({
  zkproof: z.strictObject({
    version: z.literal('1.0'),
    timestamp: momentSchema,
    layer: z.enum(['computation', 'network', 'physical']),
    event: z.strictObject({
      type: z.string().min(1).max(64),
      input: digest.nullable(),
      output: digest.nullable(),
      metadata: z.record(z.string().max(64), z.json()),
    }),
    proof: z.strictObject({
      type: z.string().min(1).max(64),
      commitment: digest,
      public_inputs: z.strictObject({
        origin: z.string().min(1).max(255),
        index: z.int().min(0),
        disclosure: z.string().min(1),
        keys: z.array(z.string()).max(1000),
      }),
      verification_key: z.array(z.string()).length(2),
    }),
    chain: z.strictObject({
      previous_proof: digest.nullable(),
      merkle_root: digest,
      block_height: z.int().min(1),
    }),
    valid: z.boolean(),
  }),
});

/** A record for exchange. What it says of itself in `valid` means nothing. */
export type UniversalRecord = z.infer<typeof recordSchema>;

/**
 * Reads a record of unknown origin, and verifies nothing. Errors: `FORMAT_*`, `LEDGER_RECORD`.
 *
 * @example
 * const { zkproof } = parseRecord(await readFile('record.json'));
 */
export function parseRecord(source: string | Uint8Array): UniversalRecord {
  const value = readStrictJson(source, { maxBytes: MAX_RECORD_BYTES, maxDepth: 32 }, 'the record');
  const read = recordSchema.safeParse(value);
  if (read.success) return read.data;
  throw unfit(`its ${read.error.issues[0]?.path.join('.') || 'content'} is wrong`);
}

/** By what the next record names this one: all of it but `valid`, which is nobody's word. */
export function recordDigest({ zkproof: { valid: _, ...rest } }: UniversalRecord): string {
  return digestOfBytes(canonicalize(rest)!);
}

type Fields = Readonly<Record<string, Json>>;

/** What a record says of an event follows from the fields of it that are shown, and from nothing else. */
export function statementOf(
  fields: Fields,
): Pick<UniversalRecord['zkproof'], 'timestamp' | 'layer' | 'event'> {
  const { time, type, ...metadata } = fields;
  if (typeof time !== 'string' || typeof type !== 'string')
    throw unfit('the event does not show its time and type');
  const { inputs, outputs } = eventFlow(fields);
  const event = { type, input: oneOf(inputs), output: oneOf(outputs), metadata: { ...metadata } };
  return { timestamp: time, layer: layerOf(fields), event: event as UniversalRecord['zkproof']['event'] };
}

/** One digest for several, or for one that is no SHA-256: that of their list as JSON. */
function oneOf(digests: readonly string[]): string | null {
  const [first, ...more] = digests;
  if (first === undefined) return null;
  if (more.length === 0 && sha256Schema.safeParse(first).success) return first;
  return digestOfBytes(canonicalize(digests)!);
}

/** Calls go over a network; what measures machines says so in a field `layer`; everything else computes. */
function layerOf({ type, layer }: Fields): 'computation' | 'network' | 'physical' {
  if (layer === 'network' || layer === 'physical') return layer;
  return type === 'llm.call' ? 'network' : 'computation';
}

/** Why something is no record, or one that does not hold. */
export function unfit(why: string): PotError {
  return new PotError('LEDGER_RECORD', `the record does not hold: ${why}`, {
    hint: 'Believe nothing of it, and ask its maker for another one.',
  });
}
