import type { ShapeFor } from '@proof-of-training/verifier/options';
import {
  callback,
  elsewhere,
  finite,
  oneOf,
  proverShape,
  signal,
  whole,
} from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { formatSchema, hintShape, placeShape } from '../step/stepOptions.js';
import type { ProverOptions } from './options.js';
import type { StepTask } from './tasks.js';

const shape = { ...proverShape, batchSize: whole(1).optional() } satisfies ShapeFor<ProverOptions>;

/** Options of `new ParallelProver`. */
export const parallelOptions = z.strictObject(shape);
export interface StreamOptions extends ProverOptions {
  /** Tasks that may wait; `submitTask` waits beyond. Default: 4 times the workers. */
  maxQueue?: number;
}

/** Options of `new StreamingProver`. */
export const streamOptions = z.strictObject({
  ...shape,
  maxQueue: whole(1).optional(),
} satisfies ShapeFor<StreamOptions>);

export interface SubmitOptions {
  /** Higher begins first; default 0. */
  priority?: number;
  /** Cancels the task: its result is `PROVER_ABORTED`. */
  signal?: AbortSignal;
}

const submit = { priority: finite.optional(), signal: signal.optional() } satisfies ShapeFor<SubmitOptions>;
/** Options of `submitTask`. */
export const submitOptions = z.strictObject(submit);
export interface BatchOptions {
  /** Higher goes first, before the tasks of other batches of the same prover; default 0. */
  priority?: number;
  /** Cancels what is not finished: those tasks end with `PROVER_ABORTED`, finished ones keep their proofs. */
  signal?: AbortSignal;
  /** After each task, in the order in which they end. Must not throw. */
  onProgress?: (progress: { done: number; total: number; index: number; ok: boolean }) => void;
}

/** Options of `generateBatch`. */
export const batchOptions = z.strictObject({
  ...submit,
  onProgress: callback.optional(),
} satisfies ShapeFor<BatchOptions>);

/** A step to prove; what its models, batch and rate must be, `autoProveTrainingStep` says. */
export const stepTask = z.strictObject({
  ...placeShape,
  ...hintShape,
  kind: oneOf('step').optional(),
  before: elsewhere,
  after: elsewhere,
  batch: elsewhere,
  learningRate: elsewhere,
  format: formatSchema.optional(),
  baseBits: elsewhere.optional(),
} satisfies ShapeFor<StepTask>);
