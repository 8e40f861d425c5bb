import { aggregateSchema, MAX_PLACES } from '@proof-of-training/aggregator';
import { hex32Schema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { parseAs, type Readable } from '../bundle/parse.js';
import { declaredSchema, proofEntrySchema } from '../bundle/schema.js';
import { FORMAT_VERSION } from '../bundle/version.js';
import { type Run, runSchema } from '../run/schema.js';
import { renewedSchema } from './contents.js';

export const AGGREGATE_FORMAT = 'proof-of-training/aggregate';

/** Largest aggregate file that is read, in bytes; a real one has about ten thousand, with renewals some 1,500 for each of them. */
export const MAX_AGGREGATE_BYTES = 16 << 20;

/** A run without its list of shards, which grows with the dataset: the root stands for it. */
export const runSummarySchema = runSchema
  .omit({ shards: true })
  .extend({ shardCount: z.int().min(1).max(1_000_000) });

/** The last shard and the nodes beside its path in the dataset's tree: they show that the root has no more shards than `shardCount`. */
export const lastShardSchema = z.strictObject({
  digest: hex32Schema,
  siblings: z.array(hex32Schema).max(20),
});

/** A run's windows in one proof: docs/protocol/bundle-format.md. Of constant size, but for what renewals add. */
export const aggregateFileSchema = z.strictObject({
  format: z.literal(AGGREGATE_FORMAT),
  version: z.literal(FORMAT_VERSION),
  run: runSummarySchema,
  lastShard: lastShardSchema,
  genesis: proofEntrySchema,
  /** Of a run whose commitments were renewed: grows with its shards and renewals. */
  renewed: renewedSchema.optional(),
  aggregate: aggregateSchema.extend({
    /** The aggregation circuit; the verifier derives its key, or has pinned the digest. */
    key: z.strictObject({
      digest: hex32Schema,
      /** Windows that one of its proofs takes in, at most. */
      windowsPerProof: z.int().min(1).max(MAX_PLACES),
      /** log2 of its rows. */
      k: z.int().min(1).max(28),
      /** The verifying key, base64url: believed only where its digest is right. */
      bytes: z
        .string()
        .max(1 << 16)
        .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url'),
    }),
  }),
  /** For people, proven by nothing. */
  declared: declaredSchema.omit({ metrics: true }).optional(),
});

export type LastShard = z.infer<typeof lastShardSchema>;
export type RunSummary = z.infer<typeof runSummarySchema>;
export type AggregateFile = z.infer<typeof aggregateFileSchema>;

/**
 * Reads an aggregate of unknown origin. Errors: those of `parseBundle`.
 *
 * @example
 * const { run, aggregate } = parseAggregate(await readFile('run.aggregate.json'));
 */
export function parseAggregate(source: Readable, maxBytes = MAX_AGGREGATE_BYTES): AggregateFile {
  return parseAs(source, AGGREGATE_FORMAT, aggregateFileSchema, maxBytes);
}

/** A run without the list of its shards. */
export function summarise({ shards, ...run }: Run): RunSummary {
  return { ...run, shardCount: shards.length };
}
