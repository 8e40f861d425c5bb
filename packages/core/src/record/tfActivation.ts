import type { FloatActivation } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import type { Tf } from './tfjs.js';
import { unsupported } from './unsupported.js';

type TfLayer = LayersModel['layers'][number];

/** Activations by the names that TensorFlow.js has for them; parameters are those that it computes with. */
const NAMES: Readonly<Record<string, FloatActivation>> = {
  relu: 'relu',
  linear: 'linear',
  softmax: 'softmax',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softplus: 'softplus',
  softsign: 'softsign',
  elu: { name: 'elu', alpha: 1 },
  hardSigmoid: { name: 'hardSigmoid', alpha: 0.2 },
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  swish: 'silu',
};

/** The names of TensorFlow.js that are taken. */
export const TF_ACTIVATIONS: readonly string[] = Object.keys(NAMES);
const SUPPORTED = `${TF_ACTIVATIONS.filter((n) => n !== 'softmax').join(', ')}, and softmax in the last layer`;

/** An activation that a circuit has, by TensorFlow.js's name. Errors: `UNSUPPORTED_ACTIVATION`. */
export function activationOf(layer: string, name: unknown): FloatActivation {
  if (name === undefined || name === null) return 'linear';
  if (typeof name === 'string' && Object.hasOwn(NAMES, name)) return NAMES[name]!;
  throw unsupported('ACTIVATION', `activation ${String(name)} of layer ${layer}`, SUPPORTED);
}

/** How TensorFlow.js computes an activation: by a name of a Dense layer, and LeakyReLU by a layer behind it. */
export interface TfActivation {
  name: string;
  behind?: TfLayer;
}

/**
 * The same the other way, for a model that is made. Parameters are compared as the number format has them: to 2^-9.
 *
 * Errors: `UNSUPPORTED_ACTIVATION` for what TensorFlow.js does not have.
 */
export function tfActivation(tf: Tf, activation: FloatActivation): TfActivation {
  if (typeof activation === 'object' && activation.name === 'leakyRelu') {
    return { name: 'linear', behind: tf.layers.leakyReLU({ alpha: activation.alpha }) };
  }
  const same = ([, known]: [string, FloatActivation]) =>
    typeof known === 'string' || typeof activation === 'string'
      ? known === activation
      : known.name === activation.name && Math.abs(known.alpha - activation.alpha) < 2 ** -9;
  const found = Object.entries(NAMES).find(same);
  if (found) return { name: found[0] };
  const text =
    typeof activation === 'string' ? activation : `${activation.name} with alpha ${activation.alpha}`;
  throw unsupported('ACTIVATION', `${text} in a model of TensorFlow.js`, SUPPORTED);
}
