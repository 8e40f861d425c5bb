import { PotError } from '@proof-of-training/halo2-wasm';
import {
  activationName,
  type FloatActivation,
  type FloatLoss,
  labelsOf,
} from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { unsupported } from './unsupported.js';

/** Last activations that a loss is computed from: one, or any but softmax and ReLU. */
type Last = 'softmax' | 'sigmoid' | 'logits' | 'any';

/** How TensorFlow.js names the supported losses, also as functions of tf.losses (`...Entropy_`, `...__op`). */
const NAMES: readonly [RegExp, FloatLoss, Last][] = [
  [/^(categoricalCrossentropy|sparseCategoricalCrossentropy)$/, 'softmaxCrossEntropy', 'softmax'],
  [/^softmaxCrossEntropy_?(__op)?$/, 'softmaxCrossEntropy', 'logits'],
  [/^binaryCrossentropy$/, 'sigmoidCrossEntropy', 'sigmoid'],
  [/^sigmoidCrossEntropy_?(__op)?$/, 'sigmoidCrossEntropy', 'logits'],
  [/^(meanSquaredError_?(__op)?|mse|MSE)$/, 'meanSquaredError', 'any'],
  [/^(meanAbsoluteError|mae|MAE|absoluteDifference_?(__op)?)$/, 'meanAbsoluteError', 'any'],
  [/^huberLoss_?(__op)?$/, { name: 'huber', delta: 1 }, 'any'],
];
const SUPPORTED =
  'meanSquaredError, meanAbsoluteError, categoricalCrossentropy, sparseCategoricalCrossentropy, binaryCrossentropy, ' +
  'tf.losses.softmaxCrossEntropy, tf.losses.sigmoidCrossEntropy, tf.losses.absoluteDifference, tf.losses.huberLoss';

/** The one loss that the model was compiled with: by itself, in a list, or under the name of its output. */
export function givenLoss(model: LayersModel): unknown {
  const { loss, outputs } = model;
  if (Array.isArray(loss)) return loss[0];
  const output = outputs[0]?.sourceLayer.name ?? '';
  const named = typeof loss === 'object' && loss !== null && Object.keys(loss).length === 1;
  return named && Object.hasOwn(loss, output) ? loss[output] : loss;
}

/** The name of the loss that the model was compiled with. Errors: `MODEL_NOT_COMPILED`, `UNSUPPORTED_LOSS`. */
export function lossName(model: LayersModel): string {
  const given = givenLoss(model);
  if (given === undefined || given === null) throw notCompiled('loss');
  if (typeof given === 'function') return given.name;
  if (typeof given === 'string') return given;
  throw unsupported('LOSS', 'several losses', "one loss for the one output: loss: 'meanSquaredError'");
}

/**
 * The loss of a name, and what the last layer's activation must be with it.
 *
 * Errors: `UNSUPPORTED_LOSS`, `UNSUPPORTED_ACTIVATION` where loss and last activation do not fit.
 */
export function readLoss(name: string, last: FloatActivation): FloatLoss {
  const known = NAMES.find(([pattern]) => pattern.test(name));
  if (!known) throw unsupported('LOSS', `loss ${name}`, SUPPORTED);
  const [, loss, wanted] = known;
  const found = activationName(last);
  const fits =
    wanted === 'any'
      ? found !== 'softmax' && found !== 'relu'
      : found === (wanted === 'logits' ? 'linear' : wanted);
  if (fits) return loss;
  const fitting = {
    any: 'any activation but softmax and relu',
    logits: 'linear',
    sigmoid: 'sigmoid',
    softmax: 'softmax',
  };
  throw unsupported(
    'ACTIVATION',
    `${found} in the last layer before ${name}`,
    `${fitting[wanted]} in the last layer with ${name}`,
  );
}

/**
 * The last activation of a network under a loss: logits are followed by the softmax or sigmoid that the loss has in itself. Any other
 * one stays what it is, also under a loss that was named by a hint.
 */
export function lastActivation(last: FloatActivation, loss: FloatLoss): FloatActivation {
  if (last !== 'linear') return last;
  const own = { real: last, oneHot: 'softmax', bits: 'sigmoid' } as const;
  return own[labelsOf(loss)];
}

/** `MODEL_NOT_COMPILED`. */
export function notCompiled(what: string): PotError {
  return new PotError('MODEL_NOT_COMPILED', `the model has no ${what}: it is not compiled`, {
    hint: "model.compile({ optimizer: tf.train.sgd(rate), loss: 'categoricalCrossentropy' })",
  });
}
