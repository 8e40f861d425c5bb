import { PotError } from '@proof-of-training/halo2-wasm';
import { floatLossSchema } from '@proof-of-training/sgd-circuit';
import { declaredSchema } from '@proof-of-training/verifier/files';
import type { ShapeFor } from '@proof-of-training/verifier/options';
import {
  callback,
  config,
  engine,
  finite,
  flag,
  is,
  metrics,
  model,
  notNegative,
  object,
  oneOf,
  positive,
  signal,
  srsChoice,
  text,
  threads,
  whole,
} from '@proof-of-training/verifier/options';
import type { BeaconSource } from '@proof-of-training/verifier/run';
import { z } from 'zod';
import type { OptimizerOptions } from './optimizer.js';
import type { CreateOptions, FitOptions, OpenOptions } from './options.js';

/** A number or a schedule, whose fields sgd-circuit checks (`LEARNING_RATE_INVALID`). */
export const learningRate = z.union([positive, object], 'must be a positive number or a schedule');

const rule = {
  // Which rules there are and what belongs to each, sgd-circuit says (`OPTIMIZER_*`).
  type: text,
  learningRate: learningRate.optional(),
  momentum: finite.optional(),
  beta1: finite.optional(),
  beta2: finite.optional(),
  epsilon: positive.optional(),
  weightDecay: notNegative.optional(),
} satisfies ShapeFor<OptimizerOptions>;

/** Options of whatever opens a run. */
export const openShape = {
  srs: srsChoice.optional(),
  config: config.optional(),
  workers: threads.optional(),
  engine: engine.optional(),
  memoryBudgetMb: positive.optional(),
  metrics: metrics.optional(),
  maxPending: whole(1).optional(),
  writeBack: oneOf('window', 'step').optional(),
  signal: signal.optional(),
  onProof: callback.optional(),
  onRenewal: callback.optional(),
  onPrepare: callback.optional(),
  onWarning: callback.optional(),
} satisfies ShapeFor<OpenOptions>;

/** {@link BeaconSource}; what it is or gives is checked where it is asked for. */
export const beaconSource = is<BeaconSource>(
  'a beacon ({ kind, ... }) or a function that gets one',
  (v) => typeof v === 'function' || (typeof v === 'object' && v !== null),
);

/** Options of `TrainingSession.create`. */
export const createOptions = z.strictObject({
  ...openShape,
  model,
  data: z.strictObject(
    // `samples`: what loadDigits says besides.
    { x: given('x'), y: given('y'), samples: whole(1).optional() },
    'must be { x, y }',
  ),
  dir: text,
  start: oneOf('auto', 'seed', 'given').optional(),
  beacon: beaconSource.optional(),
  allowRepeatedShards: flag.optional(),
  batchSize: whole(1).optional(),
  window: whole(1).optional(),
  profile: z.union([text, object], 'must be a name or scales').optional(),
  weightColumns: whole(1).optional(),
  planFor: oneOf('proving', 'aggregation').optional(),
  transcript: oneOf('poseidon', 'blake2b').optional(),
  learningRate: learningRate.optional(),
  loss: floatLossSchema.optional(),
  optimizer: z.strictObject(rule, 'must be { type, ... }').optional(),
  baseBits: whole(1).optional(),
  privateBase: flag.optional(),
  baseShape: z
    .strictObject({ k: whole(1, 28), baseColumns: whole(1) }, 'must be { k, baseColumns }')
    .optional(),
} satisfies ShapeFor<CreateOptions>);

/** Options of `TrainingSession.resume`. */
export const resumeOptions = z.strictObject({ ...openShape, model: model.optional() } satisfies ShapeFor<
  OpenOptions & { model?: unknown }
>);

/** Options of `session.fit`. */
export const fitOptions = z.strictObject({
  steps: whole(1).optional(),
  // A part of an epoch is rounded up to whole windows, as a configuration's is.
  epochs: positive.optional(),
  onStep: callback.optional(),
} satisfies ShapeFor<FitOptions>);

function given(name: string): z.ZodType {
  return is(`tensors or rows (data.${name})`, (v) => typeof v === 'object' && v !== null);
}

/** Options of `session.finish`. */
export const finishOptions = z.strictObject({
  discardOpenWindow: flag.optional(),
  declared: declaredSchema.optional(),
} satisfies ShapeFor<{ discardOpenWindow?: boolean; declared?: unknown }>);

const integers = is<Int32Array>('an Int32Array', (v) => v instanceof Int32Array);
/** A batch that `session.step` is to compare. */
export const stepBatch = z.strictObject({ x: integers, y: integers }, 'must be { x, y }');

/** Refuses what is no folder's path. Errors: `OPTION_INVALID`. */
export function requireFolder(dir: string): void {
  if (typeof dir === 'string' && dir !== '') return;
  throw new PotError('OPTION_INVALID', 'TrainingSession.resume needs the folder of a run', {
    hint: "TrainingSession.resume('runs/first')",
  });
}
