import { PotError, requireText, shown } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { checkArgument, integersSchema, numbersSchema, textSchema } from './check.js';
import { labelsOf } from './losses.js';
import { stateCount } from './optimizer/checkpoint.js';
import {
  inputWidth,
  type Layer,
  layerCount,
  outputWidth,
  type Scales,
  type SpecNumbers,
  scalesSchema,
  specNumbersSchema,
  weightScale,
} from './spec.js';

/** One layer's float weights as TensorFlow.js has them: kernel `[inputs][outputs]`, bias `[outputs]`. */
export interface LayerWeights {
  /** Named in errors. */
  name: string;
  kernel: ArrayLike<number>;
  bias?: ArrayLike<number>;
}

/** How floats become integers. */
export interface WeightFormat {
  /** The integer of 1. */
  scale: number;
  /** Values lie strictly between -limit and limit. */
  limit: number;
}

const bitsSchema = z.int().min(0).max(60);
const networkSchema = specNumbersSchema.pick({ layers: true, scales: true });
const tensorsSchema = z.array(
  z.object({ name: textSchema, kernel: numbersSchema, bias: numbersSchema.optional() }),
);
const formatSchema = z.object({ scale: z.number().positive(), limit: z.number().positive() });

/**
 * The format of weights with `bits` fractional bits (default w). Their limit is the range that the genesis proof
 * shows, whole limbs of b bits for 4 bits or more above the fractional ones. Errors: `OPTION_INVALID`.
 *
 * @example
 * const format = weightFormat({ a: 8, d: 14, e: 14, b: 12, p: 12 });
 */
export function weightFormat(scales: Scales, bits = weightScale(scales)): WeightFormat {
  checkArgument(scalesSchema, scales, 'weightFormat', 'scales');
  checkArgument(bitsSchema, bits, 'weightFormat', 'bits');
  const proven = scales.b * Math.ceil((bits + 4) / scales.b) - 1;
  return { scale: 2 ** bits, limit: 2 ** (Math.min(proven, 55) - bits) };
}

/**
 * Real weights at scale w lie strictly between -limit and limit. Errors: `OPTION_INVALID`.
 *
 * @example
 * const limit = weightLimit({ a: 8, d: 14, e: 14, b: 12, p: 12 });
 */
export function weightLimit(scales: Scales): number {
  return weightFormat(scales).limit;
}

/**
 * The layers' kernels and biases as integers with `bits` fractional bits (default w), in the flat order of
 * docs/protocol/protocol.md (kernels transposed to `[outputs][inputs]`).
 *
 * Errors: `WEIGHTS_SHAPE`, `VALUE_NOT_FINITE`, `VALUE_OUT_OF_RANGE`; each names the tensor; `OPTION_INVALID`.
 *
 * @example
 * const flat = quantiseWeights(spec, [{ name: 'dense', kernel, bias }]);
 */
export function quantiseWeights(
  spec: Pick<SpecNumbers, 'layers' | 'scales'>,
  tensors: readonly LayerWeights[],
  bits = scaleOf(spec, 'quantiseWeights'),
): BigInt64Array {
  checkArgument(networkSchema, spec, 'quantiseWeights', 'spec');
  checkArgument(tensorsSchema, tensors, 'quantiseWeights', 'tensors');
  if (tensors.length !== spec.layers.length) {
    throw new PotError(
      'WEIGHTS_SHAPE',
      `${tensors.length} layers of weights for ${spec.layers.length} layers`,
    );
  }
  const format = weightFormat(spec.scales, bits);
  const flat = new BigInt64Array(layerCount(spec.layers));
  let at = 0;
  spec.layers.forEach((layer, l) => {
    const { name, kernel, bias } = tensors[l]!;
    checkLengths(layer, name, kernel, bias);
    const { inputs, outputs } = layer;
    for (let i = 0; i < outputs; i++) {
      for (let j = 0; j < inputs; j++)
        flat[at++] = quantiseWeight(kernel[j * outputs + i]!, format, `${name}/kernel`);
    }
    if (layer.bias)
      for (let i = 0; i < outputs; i++) flat[at++] = quantiseWeight(bias![i]!, format, `${name}/bias`);
  });
  return flat;
}

/**
 * The float view of the layers' integer weights, with `bits` fractional bits (default w): kernels
 * `[inputs][outputs]` and biases, one entry a layer. Of a checkpoint, an optimiser's state behind the weights is left out.
 *
 * Errors: `WEIGHTS_SHAPE`, `OPTION_INVALID`.
 *
 * @example
 * const [{ kernel, bias }] = dequantiseWeights(spec, flat);
 */
export function dequantiseWeights(
  spec: Pick<SpecNumbers, 'layers' | 'scales' | 'optimizer'>,
  flat: BigInt64Array,
  bits = scaleOf(spec, 'dequantiseWeights'),
): { kernel: Float32Array; bias?: Float32Array }[] {
  checkArgument(networkSchema, spec, 'dequantiseWeights', 'spec');
  checkArgument(integersSchema, flat, 'dequantiseWeights', 'flat');
  checkArgument(bitsSchema, bits, 'dequantiseWeights', 'bits');
  const count = layerCount(spec.layers);
  const whole = count * (1 + stateCount({ optimizer: spec.optimizer }));
  if (flat.length !== count && flat.length !== whole) {
    const state = whole > count ? `, ${whole} with the optimizer's state` : '';
    throw new PotError('WEIGHTS_SHAPE', `${flat.length} weights for a network of ${count}${state}`);
  }
  const unit = 2 ** -bits;
  let at = 0;
  return spec.layers.map(({ inputs, outputs, bias }) => {
    const kernel = new Float32Array(inputs * outputs);
    for (let i = 0; i < outputs; i++) {
      for (let j = 0; j < inputs; j++) kernel[j * outputs + i] = Number(flat[at++]!) * unit;
    }
    if (!bias) return { kernel };
    return { kernel, bias: Float32Array.from({ length: outputs }, () => Number(flat[at++]!) * unit) };
  });
}

/** The weights' own scale, of a specification that has been checked first. */
function scaleOf(spec: Pick<SpecNumbers, 'layers' | 'scales'>, where: string): number {
  return weightScale(checkArgument(networkSchema, spec, where, 'spec').scales);
}

/**
 * Inputs as integers at scale a, `[samples][inputs]`.
 *
 * Errors: `DATA_SHAPE`, `VALUE_NOT_FINITE`, `VALUE_OUT_OF_RANGE` (a cell `x + xOffset` leaves `[0, 2^b)`); `OPTION_INVALID`.
 *
 * @example
 * const x = quantiseInputs(spec, Float32Array.of(0.5, 0.25));
 */
export function quantiseInputs(spec: SpecNumbers, x: ArrayLike<number>, name = 'inputs'): Int32Array {
  checkRows(spec, x, name, 'quantiseInputs', 'x');
  return quantiseCells(x, inputWidth(spec), spec.scales, spec.xOffset, name);
}

/**
 * Labels `[samples][outputs]`: one-hot in {0, 1} for a softmax cross-entropy, 0 or 1 for a binary one, scale a for other losses.
 *
 * Errors: those of {@link quantiseInputs}, and `LABELS_NOT_ONE_HOT`, `LABELS_NOT_BITS`.
 *
 * @example
 * const y = quantiseLabels(spec, Float32Array.of(0, 1, 0));
 */
export function quantiseLabels(spec: SpecNumbers, y: ArrayLike<number>, name = 'labels'): Int32Array {
  checkRows(spec, y, name, 'quantiseLabels', 'y');
  const width = outputWidth(spec);
  const labels = labelsOf(spec.loss);
  if (labels === 'real') return quantiseCells(y, width, spec.scales, spec.yOffset, name);
  checkWidth(y, width, name);
  if (labels === 'bits') return quantiseBits(y, name);
  const cells = Int32Array.from(y);
  for (let row = 0; row * width < y.length; row++) {
    let ones = 0;
    for (let i = 0; i < width; i++) {
      const value = y[row * width + i]!;
      if (value !== 0 && value !== 1) ones = Number.NaN;
      ones += value;
    }
    if (ones !== 1) {
      throw new PotError('LABELS_NOT_ONE_HOT', `${name}: row ${row} is not one-hot`, {
        hint: 'Softmax cross-entropy needs one 1 and otherwise 0 in each row (tf.oneHot).',
      });
    }
  }
  return cells;
}

function quantiseBits(y: ArrayLike<number>, name: string): Int32Array {
  for (let i = 0; i < y.length; i++) {
    if (y[i] === 0 || y[i] === 1) continue;
    throw new PotError('LABELS_NOT_BITS', `${name}: value ${i} is neither 0 nor 1`, {
      hint: 'Binary cross-entropy takes labels of 0 and 1; labelSmoothing smooths them within the loss.',
    });
  }
  return Int32Array.from(y);
}

function checkRows(
  spec: SpecNumbers,
  rows: ArrayLike<number>,
  name: string,
  where: string,
  what: string,
): void {
  checkArgument(specNumbersSchema, spec, where, 'spec');
  checkArgument(numbersSchema, rows, where, what);
  checkArgument(textSchema, name, where, 'name');
}

function quantiseCells(
  values: ArrayLike<number>,
  width: number,
  scales: SpecNumbers['scales'],
  offset: number,
  name: string,
): Int32Array {
  checkWidth(values, width, name);
  const scale = 2 ** scales.a;
  const limit = 2 ** scales.b;
  const cells = new Int32Array(values.length);
  for (let n = 0; n < values.length; n++) {
    const value = finite(values[n]!, name);
    const cell = Math.round(value * scale) + offset;
    if (cell < 0 || cell >= limit) {
      outOfRange(name, -offset / scale, (limit - 1 - offset) / scale, SCALE_DATA);
    }
    cells[n] = cell - offset;
  }
  return cells;
}

/**
 * One weight. Errors: `VALUE_NOT_FINITE`, `VALUE_OUT_OF_RANGE`, with the tensor's name; `OPTION_INVALID`.
 *
 * @example
 * quantiseWeight(0.5, weightFormat(spec.scales), 'kernel'); // 2^35 at scale 36
 */
export function quantiseWeight(value: number, format: WeightFormat, name: string): bigint {
  // A schema would take most of the time, for each of many weights.
  if (!isFormat(format)) checkArgument(formatSchema, format, 'quantiseWeight', 'format');
  requireText(name, 'quantiseWeight', 'name');
  const { scale, limit } = format;
  const integer = Math.round(finite(value, name) * scale);
  if (Math.abs(integer) >= limit * scale) outOfRange(name, -limit, limit, WIDER_WEIGHTS);
  return BigInt(integer);
}

function isFormat(format: WeightFormat): boolean {
  if (typeof format?.scale !== 'number' || typeof format.limit !== 'number') return false;
  return format.scale > 0 && format.limit > 0;
}

function finite(value: number, name: string): number {
  if (Number.isFinite(value)) return value;
  throw new PotError('VALUE_NOT_FINITE', `${name} contains ${shown(value)}`, {
    details: { tensor: name },
    hint: 'Training has diverged or the data is damaged: check both before proving.',
  });
}

const SCALE_DATA =
  'Scale it before training (pixels from 0 to 255: divide by 255), or choose a profile with a wider range.';
const WIDER_WEIGHTS =
  'Use a smaller learning rate or smaller first weights, or choose a profile with a wider range.';

/** Neither the value nor by how much it is out of range is said: weights and data are secret. */
function outOfRange(name: string, low: number, high: number, hint: string): never {
  throw new PotError(
    'VALUE_OUT_OF_RANGE',
    `${name} has a value outside of ${low} to ${high}, the range that the number format holds`,
    { details: { tensor: name, low, high }, hint },
  );
}

function checkLengths(layer: Layer, name: string, kernel: ArrayLike<number>, bias?: ArrayLike<number>): void {
  const { inputs, outputs } = layer;
  if (kernel.length !== inputs * outputs) {
    throw new PotError(
      'WEIGHTS_SHAPE',
      `${name}/kernel has ${kernel.length} values, not ${inputs} x ${outputs}`,
    );
  }
  if ((bias?.length ?? 0) !== (layer.bias ? outputs : 0)) {
    throw new PotError(
      'WEIGHTS_SHAPE',
      `${name}/bias has ${bias?.length ?? 0} values, not ${layer.bias ? outputs : 0}`,
    );
  }
}

function checkWidth(values: ArrayLike<number>, width: number, name: string): void {
  if (values.length === 0 || values.length % width !== 0) {
    throw new PotError('DATA_SHAPE', `${name}: ${values.length} values are no rows of ${width}`);
  }
}
