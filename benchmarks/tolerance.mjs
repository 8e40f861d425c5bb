/**
 * What tolerance mode makes of real float32 steps of TensorFlow.js, before anything is proven: the difference from
 * SGD in double precision (which decides whether the step is refused), the formats chosen, and the largest
 * update of a weight. Prints one JSON array.
 */
import { loadDigits, recordModel } from '@proof-of-training/core';
import { integerStep, stepDifferences } from '@proof-of-training/core/integerStep';
import { recordBatch } from '@proof-of-training/core/model';
import { loadProver } from '@proof-of-training/halo2-wasm';
import * as tf from '@tensorflow/tfjs';

tf.enableProdMode();
const halo2 = await loadProver();
const digits = loadDigits({ test: 0, train: 8000, seed: 1 });

const CASES = [
  { hidden: [], batch: 8, rate: 0.1, warm: 0 },
  { hidden: [16], batch: 8, rate: 0.1, warm: 100 },
  { hidden: [128], batch: 8, rate: 0.1, warm: 0 },
  { hidden: [128], batch: 32, rate: 0.01, warm: 50 },
  { hidden: [128], batch: 32, rate: 0.1, warm: 0 },
  { hidden: [128], batch: 32, rate: 0.1, warm: 50 },
  { hidden: [128], batch: 32, rate: 0.1, warm: 400 },
  { hidden: [128], batch: 32, rate: 0.5, warm: 50 },
  { hidden: [64, 32], batch: 32, rate: 0.1, warm: 50 },
  { hidden: [256, 128], batch: 32, rate: 0.05, warm: 20 },
];
/** Steps looked at in each case. */
const STEPS = 10;

function batchAt(step, size) {
  const from = (step * size) % (8000 - size);
  return {
    xs: tf.tensor2d(digits.train.x.slice(from * 784, (from + size) * 784), [size, 784]),
    ys: tf.tensor2d(digits.train.y.slice(from * 10, (from + size) * 10), [size, 10]),
  };
}

async function measure({ hidden, batch, rate, warm }, optimizer = tf.train.sgd(rate), claimedRate = rate) {
  const model = tf.sequential();
  for (const [l, units] of [...hidden, 10].entries()) {
    model.add(
      tf.layers.dense({
        units,
        activation: l < hidden.length ? 'relu' : 'softmax',
        kernelInitializer: tf.initializers.glorotUniform({ seed: l + 1 }),
        ...(l === 0 && { inputShape: [784] }),
      }),
    );
  }
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const found = { difference: 0, update: 0, formats: {} };
  for (let t = 0; t < warm + STEPS; t++) {
    const taken = batchAt(t, batch);
    const before = t < warm ? undefined : await recordModel(model);
    await model.trainOnBatch(taken.xs, taken.ys);
    if (before) await look(found, before, await recordModel(model), taken, claimedRate);
    tf.dispose(taken);
  }
  model.dispose();
  return found;
}

async function look(found, before, after, taken, rate) {
  const batch = await recordBatch(taken, 784, 10, before.loss);
  for (const d of stepDifferences(before, after, batch, rate))
    found.difference = Math.max(found.difference, d.relative);
  try {
    const step = integerStep(halo2, before, after, batch, rate);
    found.formats[step.format.name] = (found.formats[step.format.name] ?? 0) + 1;
    for (const d of step.deviations) {
      found.update = Math.max(found.update, d.maxUpdate);
    }
  } catch (e) {
    found.formats[e.code] = (found.formats[e.code] ?? 0) + 1;
  }
}

const rows = [];
for (const c of CASES) {
  const f = await measure(c);
  const name = `784-${[...c.hidden, 10].join('-')}, batch ${c.batch}, rate ${c.rate}, after ${c.warm}`;
  const formats = Object.entries(f.formats).map(([format, n]) => `${n} ${format}`);
  rows.push({
    name,
    result: `difference ${f.difference.toExponential(1)}; ${formats.join(', ')}; largest update ${f.update.toExponential(1)}`,
  });
}
const base = { hidden: [128], batch: 32, rate: 0.1, warm: 20 };
for (const [name, optimizer, rate] of [
  ['rate 10 % higher than claimed', tf.train.sgd(0.11), 0.1],
  ['momentum 0.9', tf.train.momentum(0.1, 0.9), 0.1],
  ['Adam', tf.train.adam(0.001), 0.1],
]) {
  const f = await measure(base, optimizer, rate);
  rows.push({ name, result: `difference from SGD ${f.difference.toExponential(1)}; refused` });
}
console.log(JSON.stringify(rows));
