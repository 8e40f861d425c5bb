import { z } from 'zod';
import { LIMITS } from './limits.js';

/** Order of BN254's scalar field. */
const MODULUS = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

/** A BN254 scalar-field element: 0x and 64 hexadecimal digits, big-endian. */
export const hex32Schema = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 lower-case hex digits')
  .refine((v) => !/^0x[0-9a-f]{64}$/.test(v) || BigInt(v) < MODULUS, 'must be below the modulus of BN254');

/** The public inputs of one proof: absorbed by the transcript and compared by the verifier. */
export const publicInputsSchema = z.strictObject({
  runId: hex32Schema,
  firstStep: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  epoch: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  /** Integer learning rate, decimal: below 2^20. */
  eta: z.string().regex(/^(0|[1-9][0-9]{0,6})$/),
  /** Of a specification with `ratesPerStep`: a base rate for each step of the window; `eta` is then 0. */
  etas: z
    .array(z.string().regex(/^[1-9][0-9]{0,6}$/))
    .min(1)
    .max(LIMITS.maxWindow)
    .optional(),
  weightsIn: hex32Schema,
  weightsOut: hex32Schema,
  data: hex32Schema,
  /** Digest of the frozen base's commitments: there where the specification has a base. */
  base: hex32Schema.optional(),
});

export type PublicInputs = z.infer<typeof publicInputsSchema>;

/** The public inputs of a renewal (docs/protocol/renewal.md): one content under two salts. */
export const renewalInputsSchema = z.strictObject({
  runId: hex32Schema,
  /** A shard's data and labels, or the frozen base. */
  content: z.enum(['data', 'base']),
  /** The digest under the old salt, and the one under the fresh one. */
  before: hex32Schema,
  after: hex32Schema,
});

export type RenewalInputs = z.infer<typeof renewalInputsSchema>;

/** The field element 0. */
export const ZERO32 = `0x${'0'.repeat(64)}`;
