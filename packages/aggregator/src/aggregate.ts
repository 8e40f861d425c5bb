import { hex32Schema, type PublicInputs, publicInputsSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';

/** Windows that one proof of the aggregation circuit takes in, at most: a verifier derives its key, so it is bounded. */
export const MAX_PLACES = 32;

/** Halves of coordinates in an accumulator. */
const ACCUMULATOR = 8;

const stepSchema = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** What an aggregate is about, in the order of the circuit's public inputs (docs/protocol/aggregation.md). */
export const aggregatePublicSchema = z.strictObject({
  /** Digest of the aggregation key. */
  key: hex32Schema,
  runId: hex32Schema,
  /** Integer learning rate, decimal. */
  eta: publicInputsSchema.shape.eta,
  firstStep: stepSchema,
  /** The step after the last. */
  endStep: stepSchema,
  weightsIn: hex32Schema,
  weightsOut: hex32Schema,
  /** Poseidon Merkle root over the shards' digests. */
  datasetRoot: hex32Schema,
  /** Chain over (epoch, shard) of the windows, and their steps' rates where these are their own, in order: {@link scheduleHash}. */
  schedule: hex32Schema,
  /** Digest of the frozen base; 0 without. */
  base: hex32Schema,
  /** Levels of the dataset's tree. */
  depth: z.int().min(0).max(20),
});

/** An aggregate: constant size, whatever the number of windows. */
export const aggregateSchema = z.strictObject({
  public: aggregatePublicSchema,
  /** Two points whose pairing the verifier does: lhs.x, lhs.y, rhs.x, rhs.y, each as its low 128 bits and the rest. */
  accumulator: z.array(hex32Schema).length(ACCUMULATOR),
  /** base64url without padding. */
  proof: z
    .string()
    .min(4)
    .max(1 << 16)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url'),
});

export type AggregatePublic = z.infer<typeof aggregatePublicSchema>;
export type Aggregate = z.infer<typeof aggregateSchema>;

/** A window's proof as it comes in: its public inputs, and its bytes in base64url. */
export interface WindowProof {
  public: PublicInputs;
  proof: string;
}
