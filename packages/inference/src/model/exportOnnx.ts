import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { activationName, labelsOf, type SgdSpec, weightScale } from '@proof-of-training/sgd-circuit';
import {
  openCommitment,
  type ReferenceOptions,
  readOpening,
  referenceShape,
} from '@proof-of-training/verifier';
import type { CheckpointOpening } from '@proof-of-training/verifier/files';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { type Constants, type WrittenLayer, writeOnnx } from '../onnx/write.js';
import { inferenceShape } from '../prove/checkOptions.js';

export interface ExportOnnxOptions extends ReferenceOptions {
  /** What opens the commitment to the weights: of a run's last checkpoint, or of `commitModel`. */
  opening: CheckpointOpening;
  /** The digest that the weights must have: pin it where the opening is another's. */
  expectedWeights?: string;
  /**
   * Numbers of the file's constants. Default: `double`, in which every weight is exactly the one that is proven. `float` is half as
   * large, runs where double precision does not, and rounds weights to 24 bits.
   */
  constants?: Constants;
}

/** Options, as schemas. */
export const exportShape = {
  opening: inferenceShape.opening,
  expectedWeights: z.unknown().optional(),
  constants: kinds.oneOf('double', 'float').optional(),
  ...referenceShape,
} satisfies ShapeFor<ExportOnnxOptions>;

/**
 * The weights of an opening as an ONNX file: dense layers, ReLU, and the softmax that stands behind the last one, on inputs as
 * `proveInference` takes them. Read again by `readOnnx`, and committed to in the same number format, they are the same integers. Secret
 * as the weights are.
 *
 * Errors: `OPTION_*`, `OPENING_INVALID`, `OPENING_COMMITMENT` (the weights are not those behind the opening's commitment),
 * `EXPECTED_MISMATCH`, `PIN_INVALID`, `INFERENCE_MODEL` (adapters, other activations), `WEIGHT_RANGE` (a weight of more than 53 bits); those of the SRS (`SRS_*`).
 *
 * @example
 * const opening = JSON.parse(await readFile('runs/opening.json', 'utf8'));
 * await writeFile('model.onnx', await exportOnnx({ opening }), { mode: 0o600 });
 */
export async function exportOnnx(options: ExportOnnxOptions): Promise<Uint8Array> {
  checkOptions(z.object(exportShape), options, 'exportOnnx');
  const { expectedWeights, constants = 'double' } = options;
  const opening = readOpening(options.opening);
  const { spec, commitment } = opening;
  if (spec.lora) {
    throw new PotError('INFERENCE_MODEL', 'adapters are not written to ONNX files', {
      hint: 'pot adapter and @proof-of-training/lora-circuit write them as PEFT does.',
    });
  }
  requireWritten(spec);
  if (expectedWeights !== undefined) requireExpected(commitment, expectedWeights);
  const weights = await openCommitment(opening, commitment, options);
  const layers = layersOf(spec, weights, constants === 'double');
  return writeOnnx(layers, spec.loss === 'softmaxCrossEntropy', constants);
}

/** Errors: `INFERENCE_MODEL` for activations that are not written. */
function requireWritten({ layers, loss }: SgdSpec): void {
  const written = ['relu', 'linear', 'softmax'];
  const other = layers.map((l) => activationName(l.activation)).find((name) => !written.includes(name));
  if (other === undefined && labelsOf(loss) !== 'bits') return;
  throw new PotError('INFERENCE_MODEL', `the activation ${other} is not written to ONNX files`, {
    hint: 'Dense layers with relu or linear, and a softmax behind the last one, are.',
  });
}

/** Errors: `PIN_INVALID`, `EXPECTED_MISMATCH`. */
function requireExpected(commitment: string, expected: string): void {
  if (parsePin('expectedWeights', expected) === parsePin('commitment', commitment)) return;
  throw new PotError('EXPECTED_MISMATCH', 'the opening is of other weights than the expected ones', {
    details: { expected, found: commitment },
  });
}

/** Integers as the numbers that they stand for. Errors: `WEIGHT_RANGE` for one that a double would round. */
function layersOf({ layers, scales }: SgdSpec, weights: BigInt64Array, exact: boolean): WrittenLayer[] {
  const unit = 2 ** -weightScale(scales);
  let at = 0;
  const next = (count: number) => {
    const part = weights.subarray(at, at + count);
    at += count;
    return Float64Array.from(part, (v) => {
      const number = Number(v);
      if (exact && BigInt(number) !== v) throw tooLong();
      return number * unit;
    });
  };
  return layers.map(({ inputs, outputs, bias, activation }) => ({
    inputs,
    outputs,
    kernel: next(inputs * outputs),
    ...(bias && { bias: next(outputs) }),
    relu: activation === 'relu',
  }));
}

function tooLong(): PotError {
  return new PotError('WEIGHT_RANGE', 'a weight has more than 53 bits, which double precision would round', {
    hint: 'Ask for constants of single precision, which round all weights.',
  });
}
