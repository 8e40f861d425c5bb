import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { checkArgument } from './check.js';

/** Losses without a parameter. */
export const SIMPLE_LOSSES = ['meanSquaredError', 'softmaxCrossEntropy', 'meanAbsoluteError'] as const;
const smoothing = z.strictObject({
  smoothing: z
    .int()
    .min(0)
    .max(2 ** 24),
});

/**
 * A loss as a specification has it: a name, or that of parameters. `smoothing` in units of 2^-d: what each class has of a label, or,
 * of a binary cross-entropy, what a label of 0 is taken for. `delta` in units of 2^-a (docs/operators/losses.md).
 */
export const lossSchema = z.union([
  z.enum(SIMPLE_LOSSES),
  z.strictObject({ smoothedCrossEntropy: smoothing }),
  z.strictObject({ sigmoidCrossEntropy: smoothing }),
  z.strictObject({
    huber: z.strictObject({
      delta: z
        .int()
        .min(1)
        .max(2 ** 32),
    }),
  }),
]);
export type Loss = z.infer<typeof lossSchema>;

/** A loss as a framework has it: its parameter is a real number. */
export type FloatLoss =
  | (typeof SIMPLE_LOSSES)[number]
  | 'sigmoidCrossEntropy'
  | { name: 'softmaxCrossEntropy' | 'sigmoidCrossEntropy'; labelSmoothing: number }
  | { name: 'huber'; delta: number };

/** A real loss of unknown origin. */
export const floatLossSchema = z.union([
  z.enum([...SIMPLE_LOSSES, 'sigmoidCrossEntropy']),
  z.strictObject({
    name: z.enum(['softmaxCrossEntropy', 'sigmoidCrossEntropy']),
    labelSmoothing: z.number().min(0).lt(1),
  }),
  z.strictObject({ name: z.literal('huber'), delta: z.number().positive() }),
]);

/** Names of losses, with labels smoothed or not. */
export type LossName =
  | (typeof SIMPLE_LOSSES)[number]
  | 'smoothedCrossEntropy'
  | 'sigmoidCrossEntropy'
  | 'huber';

const anySchema = z.union([lossSchema, floatLossSchema]);
const bits = z.int().min(4).max(24);
const formatSchema = z.object({ a: bits, b: bits, d: bits });
const widthSchema = z.int().min(1);

/**
 * The name of a loss, whatever its parameters. Errors, here and below: `OPTION_INVALID`.
 *
 * @example
 * lossName({ huber: { delta: 256 } }); // 'huber'
 */
export function lossName(loss: Loss | FloatLoss): LossName {
  checkArgument(anySchema, loss, 'lossName', 'loss');
  if (typeof loss === 'string') return loss;
  if (!('name' in loss)) return Object.keys(loss)[0] as LossName;
  return loss.name === 'softmaxCrossEntropy' ? 'smoothedCrossEntropy' : loss.name;
}

/** What labels are: numbers, rows with a single 1, or zeros and ones. */
export type Labels = 'real' | 'oneHot' | 'bits';

/**
 * What the labels of a loss are; under a cross-entropy the last layer gives logits.
 *
 * @example
 * labelsOf('softmaxCrossEntropy'); // 'oneHot'
 */
export function labelsOf(loss: Loss | FloatLoss): Labels {
  const name = lossName(loss);
  if (name === 'softmaxCrossEntropy' || name === 'smoothedCrossEntropy') return 'oneHot';
  return name === 'sigmoidCrossEntropy' ? 'bits' : 'real';
}

/**
 * A loss in a number format, of a network with so many outputs: its parameter to the nearest integer.
 *
 * Errors: `LOSS_UNREPRESENTABLE` where that is none that the circuit takes.
 *
 * @example
 * integerLoss({ name: 'huber', delta: 1 }, { a: 8, b: 12, d: 14 }, 1); // { huber: { delta: 256 } }
 */
export function integerLoss(
  loss: FloatLoss,
  scales: { a: number; b: number; d: number },
  outputs: number,
): Loss {
  checkArgument(floatLossSchema, loss, 'integerLoss', 'loss');
  const { a, b, d } = checkArgument(formatSchema, scales, 'integerLoss', 'scales');
  checkArgument(widthSchema, outputs, 'integerLoss', 'outputs');
  if (loss === 'sigmoidCrossEntropy') return { sigmoidCrossEntropy: { smoothing: 0 } };
  if (typeof loss === 'string') return loss;
  if (loss.name === 'huber') {
    const delta = Math.round(loss.delta * 2 ** a);
    if (delta >= 1 && delta < 2 ** (2 * b - 1)) return { huber: { delta } };
    throw unrepresentable(
      'huber',
      'delta',
      loss.delta,
      `delta is at least 2^-${a} and below 2^${2 * b - 1 - a}.`,
    );
  }
  const { name, labelSmoothing } = loss;
  const parts = name === 'softmaxCrossEntropy' ? outputs : 2;
  const units = Math.round((2 ** d * labelSmoothing) / parts);
  if (!(labelSmoothing >= 0) || units * parts >= 2 ** d) {
    throw unrepresentable(
      name,
      'labelSmoothing',
      labelSmoothing,
      'labelSmoothing is at least 0 and less than 1.',
    );
  }
  if (name === 'sigmoidCrossEntropy') return { sigmoidCrossEntropy: { smoothing: units } };
  return units === 0 ? 'softmaxCrossEntropy' : { smoothedCrossEntropy: { smoothing: units } };
}

/**
 * The loss that an integer one stands for.
 *
 * @example
 * floatLoss({ huber: { delta: 256 } }, { a: 8, d: 14 }, 1); // { name: 'huber', delta: 1 }
 */
export function floatLoss(loss: Loss, scales: { a: number; d: number }, outputs: number): FloatLoss {
  checkArgument(lossSchema, loss, 'floatLoss', 'loss');
  const { a, d } = checkArgument(formatSchema.omit({ b: true }), scales, 'floatLoss', 'scales');
  checkArgument(widthSchema, outputs, 'floatLoss', 'outputs');
  if (typeof loss === 'string') return loss;
  if ('huber' in loss) return { name: 'huber', delta: loss.huber.delta / 2 ** a };
  if ('smoothedCrossEntropy' in loss) {
    const { smoothing } = loss.smoothedCrossEntropy;
    return { name: 'softmaxCrossEntropy', labelSmoothing: (smoothing * outputs) / 2 ** d };
  }
  const { smoothing } = loss.sigmoidCrossEntropy;
  return smoothing === 0
    ? 'sigmoidCrossEntropy'
    : { name: 'sigmoidCrossEntropy', labelSmoothing: (smoothing * 2) / 2 ** d };
}

function unrepresentable(loss: string, what: string, value: number, hint: string): PotError {
  return new PotError('LOSS_UNREPRESENTABLE', `${loss} with ${what} ${shown(value)} has no number`, {
    details: { loss, [what]: value },
    hint,
  });
}
