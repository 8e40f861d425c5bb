import { hex32Schema, scheduleSchema, specSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { startSchema } from '../start/start.js';
import { beaconSchema } from './beacon.js';

const sha256Schema = z.string().regex(/^(0x)?[0-9a-f]{64}$/, 'must be 64 hex digits');

/**
 * Everything that fixes a run before its first step. All of it is public, and all of it is in the run id, which
 * every proof carries: a proof of another run cannot be moved here.
 */
export const runSchema = z.strictObject({
  /** Hash chain over the fields below: see `runIdOf`. */
  runId: hex32Schema,
  /** 248 random bits: two runs of the same settings differ. */
  nonce: hex32Schema,
  /** Circuit of the windows. */
  spec: specSchema,
  /** Circuit of the genesis proof. */
  genesisSpec: specSchema,
  /** Integer learning rate, decimal: one for the whole run, or what its schedule multiplies. */
  eta: z.string().regex(/^[1-9][0-9]{0,6}$/),
  /** How the rate goes from there, a window at a time; absent: it stays. */
  schedule: scheduleSchema.optional(),
  /** Poseidon Merkle root over `shards`. */
  datasetRoot: hex32Schema,
  /** Digest of each shard's commitment. */
  shards: z.array(hex32Schema).min(1).max(1_000_000),
  /** Where the first weights come from. */
  start: startSchema,
  /** Digest of the commitment to the first weights. */
  genesis: hex32Schema,
  /** What nobody knew when root and settings were published; absent: the order could have been chosen. */
  beacon: beaconSchema.optional(),
  /** Digest of the frozen base's commitment: there where adapters are trained over one. */
  base: hex32Schema.optional(),
  /** Of all proofs of the run; absent: `blake2b`. Only `poseidon` proofs can be aggregated. */
  transcript: z.enum(['blake2b', 'poseidon']).optional(),
  /** The structured reference string that all proofs are made with. */
  srs: z.strictObject({ k: z.int().min(1).max(28), hash: sha256Schema, development: z.boolean() }),
  /** Digests of the verifying keys; the verifier derives the keys itself and compares. */
  keys: z.strictObject({ window: sha256Schema, genesis: sha256Schema }),
});

export type Run = z.infer<typeof runSchema>;
