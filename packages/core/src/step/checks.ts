import type { ShapeFor } from '@proof-of-training/verifier/options';
import { elsewhere, finite, is, signal } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { ArchitectureHints, Batch } from '../record/index.js';
import type { ToleranceFormat } from './formats.js';
import {
  formatSchema,
  hintShape,
  placeShape,
  type StepPlace,
  type StepProverOptions,
  stepProverShape,
} from './stepOptions.js';
import type { StepProver } from './stepProver.js';

export interface AutoProveOptions extends StepPlace, StepProverOptions, ArchitectureHints {
  /** Keeps threads and keys between calls; without it both are made for this call and given up after it. */
  prover?: StepProver;
  /** Number format by name (`toleranceFormats`) or in full; default: the first that fits. */
  format?: string | ToleranceFormat;
  /** With adapters: fractional bits of the frozen base, 4 to w; default 20, or w where that is less. */
  baseBits?: number;
  /** Of the prover's tasks: higher begins first; default 0. */
  priority?: number;
  /** Stops it: `PROVER_ABORTED`. */
  signal?: AbortSignal;
}

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
