import { PotError } from '@proof-of-training/halo2-wasm';
import type { LayersModel } from '@tensorflow/tfjs';
import { isLoraDense } from './loraLayer.js';
import { givenLoss } from './loss.js';
import { TF_ACTIVATIONS } from './tfActivation.js';
import { loadTf, type Tf } from './tfjs.js';
import { unsupported } from './unsupported.js';

type TfLayer = LayersModel['layers'][number];

/**
 * Refuses what only has a known name: a model of another copy of TensorFlow.js, layers, activations and loss functions
 * that are the user's own. What they compute is not what their name says, and only that could be proven.
 *
 * Errors: `TFJS_COPIES`, `UNSUPPORTED_LAYER`, `UNSUPPORTED_ACTIVATION`, `UNSUPPORTED_LOSS`, `TFJS_MISSING`.
 */
export async function requireOwnParts(model: LayersModel): Promise<void> {
  const tf = await loadTf();
  requireCopy(model, tf);
  const own = ownParts(tf);
  for (const layer of model.layers) requireOwnLayer(layer, own);
  const loss = givenLoss(model);
  if (typeof loss === 'function' && !own.losses.has(loss)) {
    const { name } = loss;
    throw unsupported(
      'LOSS',
      `a loss function of your own${name ? ` (it is called ${name})` : ''}`,
      'the losses of TensorFlow.js itself, as a name or as its own function',
    );
  }
}

/** Refuses a model of another copy of TensorFlow.js than `tf`. Errors: `TFJS_COPIES`. */
export function requireCopy(model: LayersModel, tf: Tf): void {
  if (model instanceof tf.LayersModel) return;
  throw new PotError('TFJS_COPIES', 'the model is none of the copy of TensorFlow.js that is used here', {
    hint: 'Have one copy of @tensorflow/tfjs: npm ls @tensorflow/tfjs shows them, npm dedupe merges them.',
  });
}

/** Refuses an optimiser that only is called like one of TensorFlow.js. Errors: `UNSUPPORTED_OPTIMIZER`. */
export async function requireOwnOptimizer({ optimizer }: LayersModel): Promise<void> {
  if (!optimizer) return;
  const tf = await loadTf();
  const classes: unknown[] = [tf.SGDOptimizer, tf.MomentumOptimizer, tf.AdamOptimizer];
  const name = optimizer.getClassName();
  if (!['SGD', 'Momentum', 'Adam'].includes(name) || classes.includes(optimizer.constructor)) return;
  throw unsupported(
    'OPTIMIZER',
    `an optimizer of your own (it is called ${name})`,
    'tf.train.sgd, tf.train.momentum and tf.train.adam',
  );
}

interface OwnParts {
  layers: Map<string, unknown>;
  activations: Map<string, unknown>;
  losses: Set<unknown>;
  /** The function that a Softmax layer keeps as its own. */
  softmax: unknown;
  /** The class of L1 and L2 penalties. */
  regularizer: unknown;
}

const known = new WeakMap<object, OwnParts>();

/** The classes and functions of one copy of TensorFlow.js that a circuit has. */
function ownParts(tf: Tf): OwnParts {
  let parts = known.get(tf);
  if (parts) return parts;
  const { layers, losses, metrics } = tf;
  const samples = [
    layers.dense({ units: 1 }),
    layers.flatten(),
    layers.reshape({ targetShape: [1] }),
    layers.activation({ activation: 'relu' }),
    layers.reLU(),
    layers.leakyReLU(),
    layers.elu(),
    layers.softmax(),
  ];
  const input = layers.inputLayer({ inputShape: [1] });
  const { softmax } = layers.softmax() as { softmax?: unknown };
  const activations = TF_ACTIVATIONS.map(
    (name) => [name, activationOf(layers.activation({ activation: name as 'relu' }))?.constructor] as const,
  );
  parts = {
    layers: new Map([...samples, input].map((l) => [l.getClassName(), l.constructor])),
    activations: new Map(activations),
    softmax,
    regularizer: (tf.regularizers.l2() as object).constructor,
    losses: new Set<unknown>([
      losses.meanSquaredError,
      losses.softmaxCrossEntropy,
      losses.sigmoidCrossEntropy,
      losses.absoluteDifference,
      losses.huberLoss,
      metrics.meanSquaredError,
      metrics.categoricalCrossentropy,
      metrics.meanAbsoluteError,
      metrics.binaryCrossentropy,
    ]),
  };
  known.set(tf, parts);
  return parts;
}

function requireOwnLayer(
  layer: TfLayer,
  { layers, activations, softmax: ownSoftmax, regularizer }: OwnParts,
): void {
  if (isLoraDense(layer)) return;
  const kind = layer.getClassName();
  const own = layers.get(kind);
  // Kinds that are unknown by their very name are refused later, with what is supported.
  if (own === undefined) return;
  const { softmax } = layer as { softmax?: unknown };
  const changed = Object.hasOwn(layer, 'call') || (kind === 'Softmax' && softmax !== ownSoftmax);
  if (layer.constructor !== own || changed) {
    throw unsupported(
      'LAYER',
      `layer ${layer.name}, of a class of your own (it is called ${kind})`,
      `the ${kind} of TensorFlow.js itself`,
    );
  }
  requireOwnRegularizers(layer, regularizer);
  const activation = activationOf(layer);
  if (!activation) return;
  const name = activation.getClassName();
  const ownActivation = activations.get(name);
  const same = activation.constructor === ownActivation && !Object.hasOwn(activation, 'apply');
  if (ownActivation === undefined || same) return;
  throw unsupported(
    'ACTIVATION',
    `an activation of your own (it is called ${name}) of layer ${layer.name}`,
    'the activations of TensorFlow.js itself, by their names',
  );
}

function requireOwnRegularizers(layer: TfLayer, own: unknown): void {
  for (const key of ['kernelRegularizer', 'biasRegularizer']) {
    const given = (layer as unknown as Record<string, unknown>)[key];
    const same = typeof given === 'object' && given !== null && given.constructor === own;
    if (given === undefined || given === null || (same && !Object.hasOwn(given, 'apply'))) continue;
    throw unsupported(
      'LAYER',
      `layer ${layer.name}, with a ${key} of your own`,
      'tf.regularizers.l2 of TensorFlow.js itself',
    );
  }
}

function activationOf(layer: object): { getClassName(): string } | undefined {
  const { activation } = layer as { activation?: { getClassName?: () => string } };
  return typeof activation?.getClassName === 'function'
    ? (activation as { getClassName(): string })
    : undefined;
}
