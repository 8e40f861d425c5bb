import { publicInputsSchema, renewalInputsSchema, specSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { runSchema } from '../run/schema.js';
import { FORMAT_VERSION } from './version.js';

export { FORMAT_VERSION };

/** Largest proof that is read, in bytes; a real one has a few thousand. */
export const MAX_PROOF_BYTES = 1 << 17;
/** Largest file that is read, in bytes. */
export const MAX_BUNDLE_BYTES = 256 << 20;

export const BUNDLE_FORMAT = 'proof-of-training/run';
export const PROOF_FORMAT = 'proof-of-training/proof';

/** A proof's bytes, base64url without padding. */
export const proofBytesSchema = z
  .string()
  .min(4)
  .max(Math.ceil((MAX_PROOF_BYTES * 4) / 3))
  .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');

/** One proof with the public inputs that it is about. */
export const proofEntrySchema = z.strictObject({ public: publicInputsSchema, proof: proofBytesSchema });

/** A content committed to anew, with the proof that it is the same: docs/protocol/renewal.md. */
export const renewalEntrySchema = z.strictObject({
  /** Place of the shard in the dataset; absent for the base. */
  shard: z.int().min(0).max(999_999).optional(),
  public: renewalInputsSchema,
  proof: proofBytesSchema,
});

const metricSchema = z.strictObject({
  window: z.int().min(0),
  loss: z.number(),
  accuracy: z.number().min(0).max(1).optional(),
});

/** What the prover says besides: shown to people, proven by nothing. */
export const declaredSchema = z.strictObject({
  name: z.string().max(200).optional(),
  createdAt: z.string().max(40).optional(),
  learningRate: z.number().optional(),
  metrics: z.array(metricSchema).max(1_000_000).optional(),
  software: z.string().max(200).optional(),
  /** Rows of the data that filled no window and were never used. */
  leftOut: z.int().min(0).optional(),
});

/** A whole run: docs/protocol/bundle-format.md. */
export const bundleSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  version: z.literal(FORMAT_VERSION),
  run: runSchema,
  genesis: proofEntrySchema,
  windows: z.array(proofEntrySchema).min(1).max(1_000_000),
  /** Of commitments that hid their contents in as many proofs as they can; absent where there are none. */
  renewals: z.array(renewalEntrySchema).min(1).max(1_000_000).optional(),
  declared: declaredSchema.optional(),
});

/** A single proof in a file of its own. */
export const trainingProofSchema = z.strictObject({
  format: z.literal(PROOF_FORMAT),
  version: z.literal(FORMAT_VERSION),
  spec: specSchema,
  srs: runSchema.shape.srs,
  /** Digest of the verifying key; the verifier derives the key itself and compares. */
  key: runSchema.shape.keys.shape.window,
  /** Of the proof; absent: `blake2b`. The proof holds with its own alone. */
  transcript: runSchema.shape.transcript,
  public: publicInputsSchema,
  proof: proofBytesSchema,
});

export type ProofEntry = z.infer<typeof proofEntrySchema>;
export type RenewalEntry = z.infer<typeof renewalEntrySchema>;
export type RunBundle = z.infer<typeof bundleSchema>;
export type TrainingProof = z.infer<typeof trainingProofSchema>;
export type Declared = z.infer<typeof declaredSchema>;
