import * as tf from '@tensorflow/tfjs';
import type { Images } from './digits.js';
import type { Settings } from './settings.js';

/** Names of the dense layers, in their order; the adapter's files have them too. */
export const LAYERS = ['hidden', 'output'] as const;

/** A network that has seen none of its training data yet. */
export function untrained({ hidden, seed, learningRate, pool }: Settings): tf.LayersModel {
  const layer = (l: 0 | 1, units: number, activation: 'relu' | 'softmax') =>
    tf.layers.dense({
      name: LAYERS[l],
      units,
      activation,
      kernelInitializer: tf.initializers.glorotUniform({ seed: 100 * seed + l }),
      ...(l === 0 && { inputShape: [pool ? 196 : 784] }),
    });
  const model = tf.sequential({ layers: [layer(0, hidden, 'relu'), layer(1, 10, 'softmax')] });
  model.compile({ optimizer: tf.train.sgd(learningRate), loss: 'categoricalCrossentropy' });
  return model;
}

/** A base: trained in float32, as anybody would train it. Nothing about this training is proven. */
export async function pretrain(
  settings: Settings,
  { x, y, samples }: Images,
  onEpoch: (done: number) => void = () => {},
): Promise<tf.LayersModel> {
  const model = untrained(settings);
  const [xs, ys] = [tf.tensor2d(x, [samples, x.length / samples]), tf.tensor2d(y, [samples, 10])];
  await model.fit(xs, ys, {
    batchSize: 16,
    epochs: settings.epochs,
    shuffle: false,
    verbose: 0,
    callbacks: { onEpochEnd: (n) => onEpoch(n + 1) },
  });
  tf.dispose([xs, ys]);
  return model;
}

/** The same network with one weight moved by a unit of the committed base, 2^-20. */
export async function altered(settings: Settings, base: tf.LayersModel): Promise<tf.LayersModel> {
  const other = untrained(settings);
  const weights = base.getWeights();
  const kernel = Float32Array.from(await weights[2]!.data());
  // A power of two is added to a number of the same size at most, so that no float32 rounding swallows it.
  const at = kernel.findIndex((v) => Math.abs(v) < 0.125);
  kernel[at]! += 2 ** -20;
  const changed = tf.tensor(kernel, weights[2]!.shape);
  other.setWeights([weights[0]!, weights[1]!, changed, ...weights.slice(3)]);
  changed.dispose();
  return other;
}
