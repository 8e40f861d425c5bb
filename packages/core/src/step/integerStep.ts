import { type Halo2, isPotError, type PotError } from '@proof-of-training/halo2-wasm';
import { quantiseAdapters, quantiseBase } from '@proof-of-training/lora-circuit';
import {
  labelsOf,
  learningRateToEta,
  quantiseInputs,
  quantiseLabels,
  quantiseWeights,
  type UnplannedSpec,
} from '@proof-of-training/sgd-circuit';
import { toleranceOf } from '@proof-of-training/verifier';
import { offsetFor } from '../dataset/offsets.js';
import { baseBitsOf } from '../lora/baseBits.js';
import { hasAdapters, type RecordedBatch, type RecordedModel } from '../record/index.js';
import { integerNetwork } from '../record/integers.js';
import { deviations, type LayerDeviation, refuseDeviation, withinTolerance } from './deviation.js';
import { type ToleranceFormat, toleranceFormats } from './formats.js';

/** A step as integers, with the format that fits it. */
export interface IntegerStep {
  format: ToleranceFormat;
  spec: UnplannedSpec;
  eta: bigint;
  before: BigInt64Array;
  after: BigInt64Array;
  /** The frozen base, where the models have adapters; then `before` and `after` are these. */
  base?: BigInt64Array;
  x: Int32Array;
  y: Int32Array;
  deviations: LayerDeviation[];
  tolerance: number;
}

/** Codes of a format that cannot write these numbers: the next one is tried. */
const FORMAT_TOO_NARROW = [
  'ACTIVATION_FORMAT',
  'LEARNING_RATE_UNREPRESENTABLE',
  'VALUE_OUT_OF_RANGE',
  'VALUE_RANGE',
  'STEP_EXCEEDS_TOLERANCE',
];

/**
 * Quantises both models and the batch, takes the step in integers and measures the deviation, in the first
 * format that fits; with `formats` of length 1, in that one.
 *
 * Errors: those of quantisation and of the executor, `LEARNING_RATE_UNREPRESENTABLE`, `STEP_EXCEEDS_TOLERANCE`;
 * where no format fits, the error of the format that came furthest.
 */
export function integerStep(
  halo2: Halo2,
  before: RecordedModel,
  after: RecordedModel,
  batch: RecordedBatch,
  learningRate: number,
  formats: readonly ToleranceFormat[] = toleranceFormats,
  baseBits?: number,
): IntegerStep {
  const failures: PotError[] = [];
  for (const format of formats) {
    try {
      return inFormat(halo2, format, before, after, batch, learningRate, baseBits);
    } catch (e) {
      if (!isPotError(e) || !FORMAT_TOO_NARROW.includes(e.code)) throw e;
      failures.push(e);
    }
  }
  const furthest = (e: PotError) => FORMAT_TOO_NARROW.indexOf(e.code);
  throw failures.reduce((best, e) => (furthest(e) >= furthest(best) ? e : best), failures[0]!);
}

function inFormat(
  halo2: Halo2,
  format: ToleranceFormat,
  before: RecordedModel,
  after: RecordedModel,
  batch: RecordedBatch,
  learningRate: number,
  baseBits: number | undefined,
): IntegerStep {
  const spec = specOf(format, before, batch, baseBits);
  const { eta } = learningRateToEta(spec, learningRate);
  const base = spec.lora ? quantiseBase(spec, arrays(before)) : undefined;
  const from = trained(spec, before);
  const to = trained(spec, after);
  const x = quantiseInputs(spec, batch.x, 'xs');
  const y = quantiseLabels(spec, batch.y, 'ys');
  const executor = halo2.executor(JSON.stringify(spec), from, base);
  let integer: BigInt64Array;
  try {
    executor.step(x, y, eta);
    integer = executor.weights();
  } finally {
    executor.free();
  }
  const tolerance = toleranceOf(format);
  const names = before.layers.map((l) => l.name);
  const list = deviations(spec, names, { before: from, after: to, integer }, tolerance);
  if (!withinTolerance(list, tolerance)) refuseDeviation(list, tolerance);
  return {
    format,
    spec,
    eta,
    before: from,
    after: to,
    ...(base && { base }),
    x,
    y,
    deviations: list,
    tolerance,
  };
}

/** The circuit of a step in a format, before it is planned. */
function specOf(
  { scales, limbs }: ToleranceFormat,
  before: RecordedModel,
  batch: RecordedBatch,
  baseBits: number | undefined,
): UnplannedSpec {
  const adapters = before.layers.map(({ adapter: a }) => (a ? { rank: a.rank, alpha: a.alpha } : null));
  const lora = hasAdapters(before) && { adapters, baseBits: baseBitsOf(scales, baseBits), local: false };
  return {
    kind: 'window',
    mode: 'tolerance',
    ...integerNetwork(before.layers, before.loss, scales),
    batch: batch.samples,
    steps: 1,
    scales,
    xOffset: offsetFor(batch.x, scales),
    yOffset: labelsOf(before.loss) === 'real' ? offsetFor(batch.y, scales) : 0,
    toleranceLimbs: limbs,
    ...(lora && { lora }),
  };
}

/** What the step trains, as integers. */
function trained(spec: UnplannedSpec, model: RecordedModel): BigInt64Array {
  if (!spec.lora) return quantiseWeights(spec, arrays(model));
  return quantiseAdapters(
    spec,
    model.layers.map(({ name, adapter }) => (adapter ? { name, ...adapter } : null)),
  );
}

function arrays(model: RecordedModel) {
  return model.layers.map(({ name, kernel, biases }) => ({ name, kernel, ...(biases && { bias: biases }) }));
}
