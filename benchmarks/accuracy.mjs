/**
 * Exact mode against float32 TensorFlow.js: the same first weights, the same batches in the same order, the same
 * learning rate (the integer one). Prints one JSON array. `node accuracy.mjs short`: one case of each task, 300 steps instead of 1,000.
 * Tasks: digits and a regression from their first weights, and adapters fine-tuned over a frozen base.
 */
import { loadDigits } from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { trainBoth } from './bothModes.mjs';
import { friedman } from './friedman.mjs';
import { fineTuneBoth } from './loraAccuracy.mjs';

tf.enableProdMode();
if (!(await tf.setBackend('wasm'))) throw new Error('no wasm backend');

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
async function both({ widths, loss, seed, ...settings }) {
  const [exact, float] = [network({ widths, loss, seed }), network({ widths, loss, seed })];
  await trainBoth({ exact, float }, settings);
  return { exact, float };
}

/** Per cent of test samples whose largest output is the label's. */
function accuracy(model, { x, y }, inputs) {
  return tf.tidy(() => {
    const rows = x.length / inputs;
    const guess = model.predict(tf.tensor2d(x, [rows, inputs]), { batchSize: rows }).argMax(1);
    const label = tf.tensor2d(y, [rows, y.length / rows]).argMax(1);
    return 100 * guess.equal(label).mean().dataSync()[0];
  });
}

/** Per cent of the targets' variance that the model explains (R^2). */
function explained(model, { x, y }, inputs) {
  const guess = model.predict(tf.tensor2d(x, [y.length, inputs]), { batchSize: y.length }).dataSync();
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
/** By what adapters are trained, and at which rate. */
const RULES = {
  SGD: { learningRate: 0.05 },
  momentum: { learningRate: 5 / 1024, optimizer: { type: 'momentum', momentum: 0.9 } },
  AdamW: { learningRate: 0.001, optimizer: { type: 'adamw', weightDecay: 0.01 } },
};
for (const [rule, rank, profile, seed] of [
  ...cases([
    ['SGD', 8, 'default', 1],
    ['SGD', 8, 'default', 2],
    ['SGD', 4, 'default', 1],
    ['SGD', 8, 'compact', 1],
  ]),
  ...cases([
    ['AdamW', 8, 'default', 1],
    ['AdamW', 8, 'default', 2],
    ['AdamW', 8, 'compact', 1],
    ['momentum', 8, 'default', 1],
    ['momentum', 8, 'default', 2],
  ]),
]) {
  const { base, models, test } = await fineTuneBoth({
    network: () => network({ widths: [784, 128, 10], loss: 'categoricalCrossentropy', seed }),
    rank,
    alpha: 2 * rank,
    profile,
    seed,
    ...RULES[rule],
    batch: 8,
    steps,
  });
  report(
    `LoRA of rank ${rank}${rule === 'SGD' ? '' : ` by ${rule}`} on digits 5 to 9, 784-128-10, ${profile}, seed ${seed}`,
    `% right of ${test.samples}`,
    (m) => accuracy(m, test, 784),
    models,
  );
  base.dispose();
}
console.log(JSON.stringify(rows));
