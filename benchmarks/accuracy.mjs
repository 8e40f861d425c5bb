// Exact mode against float32 tfjs: the same first weights, batches and learning rate.

import { initialModel, loadDigits, parseTrainConfig } from '@proof-of-training/core';
import { accuracyOf, readArchitecture, writeWeights } from '@proof-of-training/core/internal';
import {
  learningRateToEta,
  planSpec,
  profiles,
  quantiseInputs,
  quantiseLabels,
  quantiseWeights,
} from '@proof-of-training/sgd-circuit';
import * as tf from '@tensorflow/tfjs';
import { loadProver } from 'halo2-wasm';

tf.enableProdMode();
const halo2 = await loadProver();

/** Trains both ways; gives the two models. */
async function both({ widths, loss, learningRate, batch, steps, profile = 'default', data, seed }) {
  const last = loss === 'meanSquaredError' ? 'linear' : 'softmax';
  const layers = widths
    .slice(1)
    .map((units, l) => ({ units, activation: l === widths.length - 2 ? last : 'relu' }));
  const config = parseTrainConfig({
    data: { file: 'unused' },
    layers,
    loss,
    learningRate,
    batchSize: batch,
    seed,
  });
  const [exact, float] = [await initialModel(config, widths[0]), await initialModel(config, widths[0])];
  const architecture = await readArchitecture(exact);
  const scales = profiles[profile];
  const signed = (v) => (v.some((n) => n < 0) ? 2 ** (scales.b - 1) : 0);
  const wanted = {
    kind: 'window',
    mode: 'exact',
    layers: architecture.layers,
    loss: architecture.loss,
    batch,
    steps: 1,
    scales,
    xOffset: signed(data.x),
    yOffset: loss === 'meanSquaredError' ? signed(data.y) : 0,
    toleranceLimbs: 0,
  };
  const { spec } = planSpec(halo2, wanted);
  const { eta, effective } = learningRateToEta(spec, learningRate);
  const executor = halo2.executor(JSON.stringify(spec), quantiseWeights(spec, architecture.weights));
  const x = quantiseInputs(spec, data.x);
  const y = quantiseLabels(spec, data.y);
  float.optimizer.setLearningRate(effective);
  const [inputs, outputs] = [widths[0], widths.at(-1)];
  const batches = Math.floor(data.x.length / inputs / batch);
  for (let n = 0; n < steps; n++) {
    const at = n % batches;
    const rows = (v, width) => v.slice(at * batch * width, (at + 1) * batch * width);
    executor.step(rows(x, inputs), rows(y, outputs), eta);
    const xs = tf.tensor2d(rows(data.x, inputs), [batch, inputs]);
    const ys = tf.tensor2d(rows(data.y, outputs), [batch, outputs]);
    await float.trainOnBatch(xs, ys);
    tf.dispose([xs, ys]);
  }
  writeWeights(tf, exact, spec, executor.weights());
  return { exact, float };
}

const result = {};
for (const [profile, seed] of [
  ['default', 1],
  ['default', 2],
  ['compact', 1],
  ['precise', 1],
]) {
  const digits = loadDigits({ test: 2000, train: 6400, seed });
  const settings = {
    widths: [784, 64, 10],
    loss: 'categoricalCrossentropy',
    learningRate: 0.1,
    batch: 8,
    steps: 800,
  };
  const { exact, float } = await both({ ...settings, profile, seed, data: digits.train });
  const percent = (m) =>
    `${(100 * accuracyOf(tf, m, digits.test, { inputs: 784, outputs: 10 })).toFixed(2)} %`;
  result[`digits, ${profile}, seed ${seed}, 800 steps`] = { exact: percent(exact), float: percent(float) };
}

// Regression: y = sin(2 a) + b c / 2 on [-1, 1]^3.
const point = (n, s) => ((n * 7919 + s * 104729) % 2003) / 1001.5 - 1;
const set = (from, count) => {
  const x = new Float32Array(count * 3);
  const y = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const [a, b, c] = [1, 2, 3].map((s) => point((from + i) * s * s + s, s));
    x.set([a, b, c], 3 * i);
    y[i] = Math.sin(2 * a) + (b * c) / 2;
  }
  return { x, y };
};
const held = set(5000, 500);
const models = await both({
  widths: [3, 32, 1],
  loss: 'meanSquaredError',
  learningRate: 0.1,
  batch: 16,
  steps: 800,
  data: set(0, 1600),
  seed: 1,
});
const error = (m) =>
  tf.losses
    .meanSquaredError(tf.tensor2d(held.y, [500, 1]), m.predict(tf.tensor2d(held.x, [500, 3])))
    .dataSync()[0];
result['regression, mean squared error'] = {
  exact: error(models.exact).toExponential(3),
  float: error(models.float).toExponential(3),
};
console.log(JSON.stringify(result));
