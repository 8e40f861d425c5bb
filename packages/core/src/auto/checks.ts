import { z } from 'zod';
import type { ShapeFor } from '../options/index.js';
import {
  bytes,
  elsewhere,
  finite,
  hex32,
  is,
  oneOf,
  proverShape,
  signal,
  threads,
  whole,
} from '../options/kinds.js';
import type { ArchitectureHints, Batch } from '../record/index.js';
import type { AutoProveOptions } from './autoProveTrainingStep.js';
import type { StepPlace } from './proveStep.js';
import type { StepProverOptions } from './stepProver.js';

export const placeShape = {
  runId: hex32.optional(),
  step: whole(0).optional(),
  epoch: whole(0).optional(),
  saltBefore: bytes(32).optional(),
  baseSalt: bytes(32).optional(),
} satisfies ShapeFor<StepPlace>;

export const hintShape = {
  activations: z.array(oneOf('relu', 'linear', 'softmax'), 'must be an array of activations').optional(),
  loss: oneOf('meanSquaredError', 'softmaxCrossEntropy').optional(),
} satisfies ShapeFor<ArchitectureHints>;

const stepProverShape = { ...proverShape, workers: threads.optional() } satisfies ShapeFor<StepProverOptions>;

/** Options of `StepProver.start`. */
export const stepProverOptions = z.strictObject(stepProverShape);

/** A format's name or one in full; the name is looked up later (`FORMAT_UNKNOWN`). */
export const formatSchema = is<unknown>(
  'a name or { name, scales, limbs }',
  (v) =>
    typeof v === 'string' ||
    (typeof v === 'object' && v !== null && ['name', 'scales', 'limbs'].every((key) => key in v)),
);

/** Options of `autoProveTrainingStep`. */
export const autoProveOptions = z.strictObject({
  ...stepProverShape,
  ...placeShape,
  ...hintShape,
  prover: is('a StepProver', (v) => typeof (v as { at?: unknown } | null)?.at === 'function').optional(),
  format: formatSchema.optional(),
  baseBits: elsewhere.optional(),
  priority: finite.optional(),
  signal: signal.optional(),
} satisfies ShapeFor<AutoProveOptions>);

/** The batch of a step; `readValues` says what is wrong with its values. */
export const batchSchema = z.looseObject(
  { xs: elsewhere, ys: elsewhere } satisfies ShapeFor<Batch>,
  'must be { xs, ys }',
);
