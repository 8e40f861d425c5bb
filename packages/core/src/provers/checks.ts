import { z } from 'zod';
import { formatSchema, hintShape, placeShape } from '../auto/checks.js';
import type { ShapeFor } from '../options/index.js';
import { callback, elsewhere, finite, oneOf, proverShape, signal, whole } from '../options/kinds.js';
import type { ProverOptions } from './options.js';
import type { BatchOptions } from './parallelProver.js';
import type { StreamOptions, SubmitOptions } from './streamingProver.js';
import type { StepTask } from './tasks.js';

const shape = { ...proverShape, batchSize: whole(1).optional() } satisfies ShapeFor<ProverOptions>;

/** Options of `new ParallelProver`. */
export const parallelOptions = z.strictObject(shape);
/** Options of `new StreamingProver`. */
export const streamOptions = z.strictObject({
  ...shape,
  maxQueue: whole(1).optional(),
} satisfies ShapeFor<StreamOptions>);

const submit = { priority: finite.optional(), signal: signal.optional() } satisfies ShapeFor<SubmitOptions>;
/** Options of `submitTask`. */
export const submitOptions = z.strictObject(submit);
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
