import { floatActivationSchema, floatLossSchema } from '@proof-of-training/sgd-circuit';
import type { ShapeFor } from '@proof-of-training/verifier/options';
import { bytes, hex32, is, proverShape, threads, whole } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { ArchitectureHints } from '../record/index.js';
import type { SrsChoice } from '../run/chooseSrs.js';
import type { ProverOptions } from '../run/proverOptions.js';

/** Where in a run the step stands, and the salts that link it to its neighbours. */
export interface StepPlace {
  /** Field element in 0x hex; default: 248 random bits. */
  runId?: string;
  /** Number of the step in its run; default 0. */
  step?: number;
  /** Default 0. */
  epoch?: number;
  /** The `secrets.saltAfter` of the step before: then its `weightsOut` is this proof's `weightsIn`. */
  saltBefore?: Uint8Array;
  /**
   * Salt of the frozen base's commitment, with adapters. Default: 32 zero bytes, a public base, whose digest everyone
   * who has it can compute. A secret one hides the base in as many proofs as its
   * commitment may be opened in (docs/operators/lora.md, section 3).
   */
  baseSalt?: Uint8Array;
}

export const placeShape = {
  runId: hex32.optional(),
  step: whole(0).optional(),
  epoch: whole(0).optional(),
  saltBefore: bytes(32).optional(),
  baseSalt: bytes(32).optional(),
} satisfies ShapeFor<StepPlace>;

export const hintShape = {
  activations: z.array(floatActivationSchema, 'must be an array of activations').optional(),
  loss: floatLossSchema.optional(),
} satisfies ShapeFor<ArchitectureHints>;

export interface StepProverOptions extends ProverOptions {
  /**
   * The SRS, or `'development'`, the INSECURE one. Default: that of the Ignition ceremony for circuits of up to 2^14 rows; for
   * larger ones the INSECURE development SRS, with a warning once a process.
   */
  srs?: SrsChoice;
  /** Prover threads; -1: one a core; default 1. */
  workers?: number;
  onWarning?: (message: string) => void;
}

export const stepProverShape = {
  ...proverShape,
  workers: threads.optional(),
} satisfies ShapeFor<StepProverOptions>;

/** Options of `StepProver.start`. */
export const stepProverOptions = z.strictObject(stepProverShape);

/** A format's name or one in full; the name is looked up later (`FORMAT_UNKNOWN`). */
export const formatSchema = is<unknown>(
  'a name or { name, scales, limbs }',
  (v) =>
    typeof v === 'string' ||
    (typeof v === 'object' && v !== null && ['name', 'scales', 'limbs'].every((key) => key in v)),
);
