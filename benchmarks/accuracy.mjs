/**
 * Exact mode against float32 TensorFlow.js: the same first weights, the same batches in the same order, the same
 * learning rate (the integer one). Prints one JSON array. `node accuracy.mjs short`: one case of each task, 300 steps instead of 1,000.
 */
import { loadDigits } from '@proof-of-training/core';
import { readArchitecture, writeWeights } from '@proof-of-training/core/internal';
import {
  learningRateToEta,
  profiles,
  quantiseInputs,
  quantiseLabels,
  quantiseWeights,
} from '@proof-of-training/sgd-circuit';
import * as tf from '@tensorflow/tfjs';
import { loadProver } from 'halo2-wasm';
import { friedman } from './friedman.mjs';

tf.enableProdMode();
const halo2 = await loadProver();

/** A compiled network with seeded first weights. */
function network({ widths, loss, seed }) {
  const model = tf.sequential();
  for (const [l, units] of widths.slice(1).entries()) {
    const last = l === widths.length - 2;
    model.add(
      tf.layers.dense({
        units,
        activation: !last ? 'relu' : loss === 'meanSquaredError' ? 'linear' : 'softmax',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 100 * seed + l }),
        ...(l === 0 && { inputShape: [widths[0]] }),
      }),
    );
  }
  model.compile({ optimizer: tf.train.sgd(0.1), loss });
  return model;
}

/** Trains both ways. Gives the two models. */
async function both({ widths, loss, learningRate, batch, steps, profile, data, seed }) {
  const settings = { widths, loss, seed };
  const [exact, float] = [network(settings), network(settings)];
  const { layers, loss: name, weights } = await readArchitecture(exact);
  const scales = profiles[profile];
  const signed = (v) => (v.some((n) => n < 0) ? 2 ** (scales.b - 1) : 0);
  const spec = {
    kind: 'window',
    mode: 'exact',
    layers,
    loss: name,
    batch,
    steps: 1,
    scales,
    xOffset: signed(data.x),
    yOffset: loss === 'meanSquaredError' ? signed(data.y) : 0,
    toleranceLimbs: 0,
  };
  const { eta, effective } = learningRateToEta(spec, learningRate);
  const executor = halo2.executor(JSON.stringify(spec), quantiseWeights(spec, weights));
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
  executor.free();
  return { exact, float };
}

/** Per cent of test samples whose largest output is the label's. */
function accuracy(model, { x, y }, inputs) {
  return tf.tidy(() => {
    const rows = x.length / inputs;
    const guess = model.predict(tf.tensor2d(x, [rows, inputs])).argMax(1);
    const label = tf.tensor2d(y, [rows, y.length / rows]).argMax(1);
    return 100 * guess.equal(label).mean().dataSync()[0];
  });
}

/** Per cent of the targets' variance that the model explains (R^2). */
function explained(model, { x, y }, inputs) {
  const guess = model.predict(tf.tensor2d(x, [y.length, inputs])).dataSync();
  const mean = y.reduce((s, v) => s + v, 0) / y.length;
  const error = y.reduce((s, v, i) => s + (v - guess[i]) ** 2, 0);
  return 100 * (1 - error / y.reduce((s, v) => s + (v - mean) ** 2, 0));
}

const short = process.argv[2] === 'short';
const steps = short ? 300 : 1000;
const cases = (all) => (short ? all.slice(0, 1) : all);

const rows = [];
function report(name, unit, score, { exact, float }) {
  const [e, f] = [score(exact), score(float)];
  rows.push({ name, unit, exact: e, float: f, difference: e - f });
  exact.dispose();
  float.dispose();
}

for (const [profile, seed] of cases([
  ['default', 1],
  ['default', 2],
  ['compact', 1],
  ['precise', 1],
])) {
  const { train, test } = loadDigits({ test: 2000, train: 8000, seed });
  const settings = { widths: [784, 128, 10], loss: 'categoricalCrossentropy', learningRate: 0.1, batch: 8 };
  const models = await both({ ...settings, steps, profile, seed, data: train });
  report(
    `digits 784-128-10, ${profile}, seed ${seed}`,
    '% right of 2000',
    (m) => accuracy(m, test, 784),
    models,
  );
}
for (const [profile, seed] of cases([
  ['default', 1],
  ['default', 2],
  ['precise', 1],
])) {
  const settings = {
    widths: [10, 32, 1],
    loss: 'meanSquaredError',
    learningRate: 0.05,
    batch: 16,
    steps,
  };
  const models = await both({ ...settings, profile, seed, data: friedman(seed, 3200) });
  const test = friedman(seed + 1000, 1000);
  report(
    `Friedman 10-32-1, ${profile}, seed ${seed}`,
    '% of variance',
    (m) => explained(m, test, 10),
    models,
  );
}
console.log(JSON.stringify(rows));
