import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { checkArgument, checkOptions } from '@proof-of-training/verifier/options';
import type { ProofFile } from '../prove/proofFile.js';
import {
  type ArchitectureHints,
  type Batch,
  hasAdapters,
  isNamed,
  type ModelSource,
  type RecordedLayer,
  type RecordedModel,
  recordBatch,
  recordModel,
  requireSameBase,
} from '../record/index.js';
import { type AutoProveOptions, autoProveOptions, batchSchema } from './checks.js';
import type { LayerDeviation } from './deviation.js';
import { type ToleranceFormat, toleranceFormats } from './formats.js';
import { integerStep } from './integerStep.js';
import { requireSgdStep, type StepDifference, stepDifferences } from './isThisStep.js';
import { proveStep } from './proveStep.js';
import { StepProver } from './stepProver.js';

/** What has been proven, and how close the framework's step was to it. */
export interface AutoProof extends ProofFile {
  success: true;
  /**
   * One step; every weight that is trained within `tolerance` of the integer step. Never "exact".
   * `sgd-step-tolerance`: all weights and biases are trained. `lora`: the model has adapters; A and B' = (alpha/rank) B
   * are trained through the whole network, whose base is frozen and has the digest `commitments.base`.
   */
  proofType: 'sgd-step-tolerance' | 'lora';
  /**
   * The proof is about weights of bounded size: by itself it says nothing until `commitments.before` reaches a run's
   * genesis proof or is opened (SECURITY.md).
   */
  conditional: true;
  format: string;
  /** The public bound on each weight's deviation, in weight units. */
  tolerance: number;
  /** Deviation of the float step from the integer step that the proof is about, a layer each. Not public. */
  deviations: LayerDeviation[];
  /** Difference of the float step from SGD in double precision, a layer each. Not public, not proven. */
  differences: StepDifference[];
  /** Whether some weight's step was larger than the tolerance: if not, "nothing happened" would pass as well. */
  stepExceedsTolerance: boolean;
}

/**
 * Proves a step that TensorFlow.js took: `after` is `before` after one plain SGD step on `batch` with
 * `learningRate`, up to a public tolerance a weight. Reads architecture and loss from the model. Where it has adapters
 * (`applyLora`), the step is theirs, over a frozen base. A step by momentum, Adam or with weight decay is none by plain SGD and
 * refused: `TrainingSession` trains adapters by these and proves it, in exact mode.
 *
 * @param before the model before the step: a recorded one (`recordModel`), another tf.LayersModel with those
 *   weights, or named weight arrays (kernel `[inputs, outputs]`, bias `[outputs]`)
 * @param batch the step's whole batch
 * @throws PotError before anything is proven: `OPTION_UNKNOWN`, `OPTION_INVALID`; `STEP_NOT_SGD` and `STEP_EXCEEDS_TOLERANCE` name the layer and the
 *   deviation; `BASE_CHANGED` a base that is not frozen; `UNSUPPORTED_*`, `LORA_*`, `MODEL_MISMATCH`, `VALUE_*`, `DATA_SHAPE`,
 *   `LEARNING_RATE_*` say what is wrong with the input
 * @example
 * const before = await recordModel(model);
 * await model.trainOnBatch(xs, ys);
 * const { proof, success } = await autoProveTrainingStep(before, model, { xs, ys }, 0.1);
 */
export async function autoProveTrainingStep(
  before: ModelSource,
  after: ModelSource,
  batch: Batch,
  learningRate: number,
  options: AutoProveOptions = {},
): Promise<AutoProof> {
  checkOptions(autoProveOptions, options, 'autoProveTrainingStep');
  checkArgument(batchSchema, batch, 'autoProveTrainingStep', 'batch');
  const [from, to] = await bothModels(before, after, options);
  const { inputs } = from.layers[0]!;
  const { outputs } = from.layers[from.layers.length - 1]!;
  const recorded = await recordBatch(batch, inputs, outputs, from.loss);
  const formats = chooseFormats(options.format);
  requireFinite(from, to, recorded);
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new PotError(
      'LEARNING_RATE_INVALID',
      `a learning rate must be positive and finite, not ${shown(learningRate)}`,
    );
  }
  if (hasAdapters(from)) requireSameBase(from, to);
  const differences = stepDifferences(from, to, recorded, learningRate);
  requireSgdStep(differences, learningRate);
  const prover = options.prover ?? (await StepProver.begin(options));
  try {
    const step = integerStep(prover.halo2, from, to, recorded, learningRate, formats, options.baseBits);
    const { priority = 0, signal } = options;
    const proven = await proveStep(prover, step, options, { priority, ...(signal && { signal }) });
    return {
      ...proven,
      success: true,
      proofType: hasAdapters(from) ? 'lora' : 'sgd-step-tolerance',
      conditional: true,
      format: step.format.name,
      tolerance: step.tolerance,
      deviations: step.deviations,
      differences,
      stepExceedsTolerance: step.deviations.some((d) => d.stepExceedsTolerance),
    };
  } finally {
    if (!options.prover) await prover.close();
  }
}

/** Reads both models; arrays without a description of their own take it from the other model. */
async function bothModels(
  before: ModelSource,
  after: ModelSource,
  { activations, loss: wanted }: ArchitectureHints,
) {
  const hints: ArchitectureHints = { ...(activations && { activations }), ...(wanted && { loss: wanted }) };
  const described = [before, after].find((m) => !isNamed(m));
  let known = hints;
  if (described && !hints.activations) {
    const { layers, loss } = await recordModel(described, hints);
    known = { activations: layers.map((l) => l.activation), loss };
  }
  const from = await recordModel(before, isNamed(before) ? known : hints);
  const to = await recordModel(after, isNamed(after) ? known : hints);
  const ranks = ({ adapter: a }: RecordedLayer) => (a ? [a.rank, a.alpha] : []);
  const shape = ({ layers, loss }: RecordedModel) =>
    JSON.stringify([loss, layers.map((l) => [l.inputs, l.outputs, l.activation, l.bias, ...ranks(l)])]);
  if (shape(from) !== shape(to)) {
    throw new PotError(
      'MODEL_MISMATCH',
      'the models before and after the step have different architectures or losses',
      {
        details: { before: shape(from), after: shape(to) },
      },
    );
  }
  return [from, to] as const;
}

function chooseFormats(format: AutoProveOptions['format']): readonly ToleranceFormat[] {
  if (format === undefined) return toleranceFormats;
  if (typeof format === 'object') return [format];
  const found = toleranceFormats.find((f) => f.name === format);
  if (found) return [found];
  throw new PotError('FORMAT_UNKNOWN', `there is no number format ${format}`, {
    hint: `Formats: ${toleranceFormats.map((f) => f.name).join(', ')}.`,
  });
}

function requireFinite(
  from: RecordedModel,
  to: RecordedModel,
  batch: { x: Float32Array; y: Float32Array },
): void {
  const check = (name: string, values: Float32Array | undefined) => {
    if (values?.every(Number.isFinite) === false) {
      throw new PotError('VALUE_NOT_FINITE', `${name} contains NaN or infinity`, {
        details: { tensor: name },
        hint: 'Training has diverged or the data is damaged: check both before proving.',
      });
    }
  };
  for (const model of [from, to]) {
    for (const { name, kernel, biases, adapter } of model.layers) {
      check(`${name}/kernel`, kernel);
      check(`${name}/bias`, biases);
      check(`${name}/lora_a`, adapter?.A);
      check(`${name}/lora_b`, adapter?.B);
    }
  }
  check('xs', batch.x);
  check('ys', batch.y);
}
