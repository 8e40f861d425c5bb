import { PotError } from '@proof-of-training/halo2-wasm';
import type { Activation, Loss } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { unsupported } from './unsupported.js';

/** How TensorFlow.js names the supported losses, also as functions of tf.losses (`...Entropy_`, `...__op`). */
const NAMES: readonly [RegExp, Loss, Activation][] = [
  [/^(categoricalCrossentropy|sparseCategoricalCrossentropy)$/, 'softmaxCrossEntropy', 'softmax'],
  [/^softmaxCrossEntropy_?(__op)?$/, 'softmaxCrossEntropy', 'linear'],
  [/^(meanSquaredError_?(__op)?|mse|MSE)$/, 'meanSquaredError', 'linear'],
];

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
export function readLoss(name: string, last: Activation): Loss {
  const known = NAMES.find(([pattern]) => pattern.test(name));
  if (!known) {
    throw unsupported(
      'LOSS',
      `loss ${name}`,
      'meanSquaredError, categoricalCrossentropy, tf.losses.softmaxCrossEntropy',
    );
  }
  const [, loss, wanted] = known;
  if (last !== wanted) {
    throw unsupported(
      'ACTIVATION',
      `${last} in the last layer before ${name}`,
      `${wanted} in the last layer with ${name}`,
    );
  }
  return loss;
}

/** `MODEL_NOT_COMPILED`. */
export function notCompiled(what: string): PotError {
  return new PotError('MODEL_NOT_COMPILED', `the model has no ${what}: it is not compiled`, {
    hint: "model.compile({ optimizer: tf.train.sgd(rate), loss: 'categoricalCrossentropy' })",
  });
}
