/**
 * Fine-tuning with adapters, exact mode against float32: a base trained on the digits 0 to 4 (in float32), adapters
 * trained over it on 5 to 9, scored on held-out images of 5 to 9.
 */
import { applyLora, loadDigits } from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';
import { trainBoth } from './bothModes.mjs';

/** Images of a set whose label is one of `classes`: a set of the same form. */
function only({ x, y, samples }, classes) {
  const inputs = x.length / samples;
  const rows = Array.from({ length: samples }, (_, n) => n).filter((n) =>
    classes.includes(y.subarray(10 * n, 10 * n + 10).indexOf(1)),
  );
  const pick = (v, width) => {
    const out = new Float32Array(rows.length * width);
    for (const [at, n] of rows.entries()) out.set(v.subarray(n * width, (n + 1) * width), at * width);
    return out;
  };
  return { x: pick(x, inputs), y: pick(y, 10), samples: rows.length };
}

/** Images of one step of a base's training. */
const BASE_BATCH = 32;

/** Weights of trained bases, by their seed: every case of a seed has the same base. */
const trained = new Map();

/** Trains a base on the digits 0 to 4, or gives it the weights that this led to before. */
async function trainBase(base, seed, train) {
  const known = trained.get(seed);
  if (known) {
    base.setWeights(known);
    return;
  }
  const { x, y, samples } = only(train, [0, 1, 2, 3, 4]);
  base.optimizer.setLearningRate(0.1);
  // Not by `fit`, which copies all images for every batch that it cuts out of them.
  for (let epoch = 0; epoch < 2; epoch++) {
    for (let at = 0; at < samples; at += BASE_BATCH) {
      const [from, to] = [at, Math.min(at + BASE_BATCH, samples)];
      const xs = tf.tensor2d(x.subarray(784 * from, 784 * to), [to - from, 784]);
      const ys = tf.tensor2d(y.subarray(10 * from, 10 * to), [to - from, 10]);
      await base.trainOnBatch(xs, ys);
      tf.dispose([xs, ys]);
    }
  }
  trained.set(
    seed,
    base.getWeights().map((w) => w.clone()),
  );
}

/**
 * Both fine-tuned models, and the images that they are scored on.
 *
 * @param optimizer as `TrainingSession` takes it; default: plain SGD
 * @param network makes the compiled network that is the base, without a trained weight: the same for one seed
 */
export async function fineTuneBoth({
  network,
  rank,
  alpha,
  profile,
  seed,
  learningRate,
  optimizer,
  batch,
  steps,
}) {
  const { train, test } = loadDigits({ test: 4000, train: 6000, seed });
  const base = network();
  await trainBase(base, seed, train);
  const adapted = () => applyLora(base, { rank, alpha, seed: 10 * seed });
  const models = { exact: await adapted(), float: await adapted() };
  const fresh = [5, 6, 7, 8, 9];
  const settings = { learningRate, optimizer, batch, steps, profile, data: only(train, fresh) };
  await trainBoth(models, settings);
  return { base, models, test: only(test, fresh) };
}
