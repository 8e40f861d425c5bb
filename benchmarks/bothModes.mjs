/**
 * Trains the same network in exact mode and in float32: the same first weights, batches and hyperparameters (the
 * integers').
 */
import { createHash } from 'node:crypto';
import { readArchitecture, tfOptimizer, writeWeights } from '@proof-of-training/core/model';
import { loadProver } from '@proof-of-training/halo2-wasm';
import {
  initialCheckpoint,
  optimizerNumbers,
  quantiseAdapters,
  quantiseBase,
} from '@proof-of-training/lora-circuit';
import { profiles, quantiseInputs, quantiseLabels, quantiseWeights } from '@proof-of-training/sgd-circuit';
import * as tf from '@tensorflow/tfjs';

const halo2 = await loadProver();

/** Fractional bits of a frozen base: the default of `TrainingSession`. */
const BASE_BITS = 20;

/**
 * Trains both models for `steps` steps on the batches of `data` in their order; gives nothing, the models are trained.
 *
 * @param models `exact` and `float`: compiled, of the same first weights; with adapters, these alone are trained
 * @param settings `optimizer` as `TrainingSession` takes it; default: plain SGD
 */
export async function trainBoth(
  { exact, float },
  { learningRate, optimizer = { type: 'sgd' }, batch, steps, profile, data },
) {
  const { layers, loss, weights, adapters, ...read } = await readArchitecture(exact, {
    optimizer,
    learningRate,
  });
  const scales = profiles[profile];
  const signed = (v) => (v.some((n) => n < 0) ? 2 ** (scales.b - 1) : 0);
  const spec = {
    kind: 'window',
    mode: 'exact',
    layers,
    loss,
    batch,
    steps: 1,
    scales,
    xOffset: signed(data.x),
    yOffset: loss === 'meanSquaredError' ? signed(data.y) : 0,
    toleranceLimbs: 0,
    ...(adapters && {
      lora: {
        adapters: adapters.map((a) => a && { rank: a.rank, alpha: a.alpha }),
        baseBits: BASE_BITS,
        local: false,
      },
    }),
  };
  const { rate, effective, ...numbers } = optimizerNumbers(spec, read.optimizer);
  if (numbers.optimizer) spec.lora.optimizer = numbers.optimizer;
  const [first, base] = adapters
    ? [initialCheckpoint(spec, quantiseAdapters(spec, adapters)), quantiseBase(spec, weights)]
    : [quantiseWeights(spec, weights)];
  const executor = halo2.executor(JSON.stringify(spec), first, base);
  const x = quantiseInputs(spec, data.x);
  const y = quantiseLabels(spec, data.y);
  const [inputs, outputs] = [layers[0].inputs, layers.at(-1).outputs];
  const batches = Math.floor(data.x.length / inputs / batch);
  const cut = (v, n, width) => v.slice((n % batches) * batch * width, ((n % batches) + 1) * batch * width);
  for (let n = 0; n < steps; n++) executor.step(cut(x, n, inputs), cut(y, n, outputs), rate.eta, BigInt(n));
  writeWeights(tf, exact, spec, executor.weights());
  executor.free();
  const settings = { layers, loss, adapters: spec.lora?.adapters, effective, batch, steps };
  await trainedOnce(float, settings, data, async () => {
    float.compile({ optimizer: tfOptimizer(tf, effective), loss: float.loss });
    for (let n = 0; n < steps; n++) {
      const xs = tf.tensor2d(cut(data.x, n, inputs), [batch, inputs]);
      const ys = tf.tensor2d(cut(data.y, n, outputs), [batch, outputs]);
      await withDecay(float, effective, () => float.trainOnBatch(xs, ys));
      tf.dispose([xs, ys]);
    }
  });
}

/** Trained weights in float32, by a hash of all that they come from: profiles whose integers are the same rate have them in common. */
const trained = new Map();

/** Trains a model, or gives it the weights that the same training led to before. */
async function trainedOnce(model, settings, data, train) {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const weight of model.getWeights()) hash.update(weight.dataSync());
  const key = hash.update(data.x).update(data.y).digest('hex');
  if (!trained.has(key)) {
    await train();
    trained.set(
      key,
      model.getWeights().map((w) => w.clone()),
    );
  }
  model.setWeights(trained.get(key));
}

/** A step, and decoupled weight decay, which TensorFlow.js does not have. */
async function withDecay(model, { learningRate, weightDecay }, step) {
  if (weightDecay === 0) return step();
  const before = model.trainableWeights.map((w) => w.read().clone());
  await step();
  tf.tidy(() => {
    for (const [n, w] of model.trainableWeights.entries()) {
      w.write(w.read().sub(before[n].mul(learningRate * weightDecay)));
    }
  });
  tf.dispose(before);
}
