import { FORMAT_VERSION, proofEntrySchema, renewalEntrySchema } from '@proof-of-training/verifier/files';
import { runSchema } from '@proof-of-training/verifier/run';
import { z } from 'zod';

export const SESSION_FORMAT = 'proof-of-training/session';

/** run.json: written once, last of a new session's files. */
export const sessionFileSchema = z.strictObject({
  format: z.literal(SESSION_FORMAT),
  version: z.literal(FORMAT_VERSION),
  run: runSchema,
  /** The rate that eta stands for. */
  learningRate: z.number(),
  /** Samples in the private copy of the data. */
  samples: z.int().min(1),
  /** Proofs in which one salt of a shard may be used: one an epoch, and each renewal that it is part of. */
  maxEpochs: z.int().min(1),
  /** Proofs in which one salt of a private base may be used, less the one that makes it; absent where there is no such base. */
  maxWindows: z.int().min(1).optional(),
  createdAt: z.string(),
  layerNames: z.array(z.string()),
  /** The owner that began the run: names its files in private/. */
  generation: z.int().min(1),
});

/** windows/N-G.json: window N as owner G closed it, written before its proof is begun. */
export const windowRecordSchema = z.strictObject({
  window: z.int().min(0),
  /** The owner of the run (its lease's generation) that closed it. */
  generation: z.int().min(1),
  /** The owner that wrote the checkpoint that it begins with: that closed the window before, or began the run. */
  parent: z.int().min(1),
  firstStep: z.int().min(0),
  epoch: z.int().min(0),
  shard: z.int().min(0),
  /** Numbers of the shard's and the private base's commitments that it uses; absent: the first ones, 0 (renewals.ts). */
  commitment: z.int().min(1).optional(),
  baseCommitment: z.int().min(1).optional(),
  /** Mean loss over the window's steps, each before its update. */
  loss: z.number(),
  /** Share of the window's samples that were classified correctly before their step. */
  accuracy: z.number(),
});

/** proofs/N-G.json and genesis.json: a finished proof. */
export const proofRecordSchema = z.strictObject({
  entry: proofEntrySchema,
  /** Proving time in milliseconds, local knowledge that does not go into the bundle. */
  ms: z.number(),
});

/** proofs/renewal-S-C-G.json: the proof that leads to commitment C of shard S, or of the base. */
export const renewalRecordSchema = z.strictObject({ entry: renewalEntrySchema, ms: z.number() });

/**
 * private/uses-G.json: for each shard in how many windows owner G used its salt, and in how many a private base's; counted before each of
 * them is recorded. A shard's commitment C that renewals led to has the name `S.C`. `bases`: of `windows` those under a later commitment
 * of the base.
 */
export const usesSchema = z.strictObject({
  shards: z.record(z.string().regex(/^\d+(\.[1-9]\d*)?$/), z.int().min(1)),
  windows: z.int().min(0),
  bases: z.record(z.string().regex(/^[1-9]\d*$/), z.int().min(1)).optional(),
});

export type SessionFile = z.infer<typeof sessionFileSchema>;
export type WindowRecord = z.infer<typeof windowRecordSchema>;
/** What a session says of a closed window; the journal adds who closed it. */
export type ClosedWindow = Omit<WindowRecord, 'generation' | 'parent'>;
export type Uses = z.infer<typeof usesSchema>;
export type RenewalRecord = z.infer<typeof renewalRecordSchema>;
export type ProofRecord = z.infer<typeof proofRecordSchema>;
