/**
 * Trains the same network in exact mode and in float32: the same first weights, batches and hyperparameters (the
 * integers').
 */
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
  float.compile({ optimizer: tfOptimizer(tf, effective), loss: float.loss });
  const [inputs, outputs] = [layers[0].inputs, layers.at(-1).outputs];
  const batches = Math.floor(data.x.length / inputs / batch);
  for (let n = 0; n < steps; n++) {
    const at = n % batches;
    const rows = (v, width) => v.slice(at * batch * width, (at + 1) * batch * width);
    executor.step(rows(x, inputs), rows(y, outputs), rate.eta, BigInt(n));
    const xs = tf.tensor2d(rows(data.x, inputs), [batch, inputs]);
    const ys = tf.tensor2d(rows(data.y, outputs), [batch, outputs]);
    await withDecay(float, effective, () => float.trainOnBatch(xs, ys));
    tf.dispose([xs, ys]);
  }
  writeWeights(tf, exact, spec, executor.weights());
  executor.free();
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
