import { PotError, type Srs } from '@proof-of-training/halo2-wasm';
import { referenceShape } from '@proof-of-training/verifier';
import { kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import type { Forest } from '../onnx/forest.js';
import type { OnnxModel } from '../onnx/readOnnx.js';
import { inferenceShape } from './checkOptions.js';
import type { ProveInferenceOptions } from './options.js';

/** A model of trees, as `readOnnx` gives it. */
export type ForestModel = Pick<OnnxModel, 'inputs'> & { forest: Forest };

/**
 * `model`: trees, which are public: whoever verifies has the same file. `srs`: the SRS, or the word for the INSECURE one; default: the
 * Ignition ceremony's.
 */
export interface ProveForestOptions
  extends Pick<
    ProveInferenceOptions,
    'inputs' | 'show' | 'reveal' | 'context' | 'transcript' | 'engine' | 'threads' | 'cache'
  > {
  model: ForestModel;
  srs?: Srs | 'development';
}

/** Options, as schemas. */
export const forestShape = {
  model: kinds.is<ForestModel>('a model of trees, as readOnnx gives it', isForestModel),
  inputs: inferenceShape.inputs,
  show: inferenceShape.show,
  reveal: inferenceShape.reveal,
  context: inferenceShape.context,
  transcript: inferenceShape.transcript,
  srs: kinds
    .is<Srs | 'development'>(
      'an SRS (readSrs), or the word development',
      (v) => v === 'development' || (typeof v === 'object' && v !== null),
    )
    .optional(),
  engine: referenceShape.engine,
  threads: referenceShape.threads,
  cache: referenceShape.cache,
} satisfies ShapeFor<ProveForestOptions>;

/** Whether a value is a model of trees. */
export function isForestModel(value: unknown): boolean {
  const { inputs, forest } = (value ?? {}) as Partial<OnnxModel>;
  return Number.isSafeInteger(inputs) && typeof forest === 'object' && Array.isArray(forest?.children);
}

/** Errors: `OPTION_INVALID`. */
export function requireForest(where: string, model: unknown): void {
  if (isForestModel(model)) return;
  throw new PotError('OPTION_INVALID', `${where}: model: a model of trees, as readOnnx gives it`, {
    details: { where, option: 'model' },
  });
}
