/** Which steps pass for plain SGD, measured on real TensorFlow.js steps: nothing is proven here. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { recordBatch, recordModel } from '../src/record/index.js';
import { STEP_THRESHOLD, stepDifferences } from '../src/step/index.js';
import { requireSgdStep } from '../src/step/isThisStep.js';
import { loadDigits } from '../src/trainConfig/digits.js';

beforeAll(() => tf.setBackend('cpu'));

interface Case {
  hidden: number[];
  batch: number;
  rate: number;
  loss: 'categoricalCrossentropy' | 'meanSquaredError';
  /** Steps before the one that is looked at. */
  warm?: number;
  optimizer?: () => tf.Optimizer;
}

const digits = loadDigits({ test: 0, train: 1600, pool: true });

function batchAt(step: number, size: number) {
  const from = (step * size) % 1536;
  const xs = (digits.train.x as Float32Array).slice(from * 196, (from + size) * 196);
  const ys = (digits.train.y as Float32Array).slice(from * 10, (from + size) * 10);
  return { xs: tf.tensor2d(xs, [size, 196]), ys: tf.tensor2d(ys, [size, 10]) };
}

/** Trains `warm` steps, then one more; gives the worst layer's difference from SGD as `claim` describes it. */
async function difference(
  c: Case,
  claim: (
    batch: { xs: tf.Tensor2D; ys: tf.Tensor2D },
    rate: number,
  ) => { xs: tf.Tensor2D; ys: tf.Tensor2D; rate: number } = (b, rate) => ({ ...b, rate }),
) {
  const m = tf.sequential();
  for (const [i, units] of c.hidden.entries()) {
    m.add(
      tf.layers.dense({
        units,
        activation: 'relu',
        kernelInitializer: tf.initializers.heNormal({ seed: i + 5 }),
        ...(i === 0 && { inputShape: [196] }),
      }),
    );
  }
  m.add(
    tf.layers.dense({
      units: 10,
      activation: c.loss === 'meanSquaredError' ? 'linear' : 'softmax',
      kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
      ...(c.hidden.length === 0 && { inputShape: [196] }),
    }),
  );
  m.compile({ optimizer: c.optimizer?.() ?? tf.train.sgd(c.rate), loss: c.loss });
  const warm = c.warm ?? 0;
  for (let t = 0; t < warm; t++) {
    const { xs, ys } = batchAt(t, c.batch);
    await m.trainOnBatch(xs, ys);
  }
  const before = await recordModel(m);
  const real = batchAt(warm, c.batch);
  await m.trainOnBatch(real.xs, real.ys);
  const told = claim(real, c.rate);
  const batch = await recordBatch(told, 196, 10, before.loss);
  const list = stepDifferences(before, await recordModel(m), batch, told.rate);
  return { list, worst: Math.max(...list.map((d) => d.relative)), rate: told.rate };
}

const cases: Case[] = [
  { hidden: [], batch: 8, rate: 0.1, loss: 'categoricalCrossentropy' },
  { hidden: [16], batch: 8, rate: 0.1, loss: 'categoricalCrossentropy' },
  { hidden: [16], batch: 8, rate: 0.5, loss: 'categoricalCrossentropy', warm: 150 },
  { hidden: [64], batch: 32, rate: 0.1, loss: 'categoricalCrossentropy', warm: 20 },
  { hidden: [32, 16], batch: 16, rate: 0.05, loss: 'categoricalCrossentropy', warm: 40 },
  { hidden: [16], batch: 16, rate: 0.05, loss: 'meanSquaredError', warm: 60 },
  { hidden: [16], batch: 1, rate: 0.001, loss: 'categoricalCrossentropy' },
];
const name = (c: Case) =>
  `196-${[...c.hidden, 10].join('-')}, batch ${c.batch}, rate ${c.rate}, ${c.loss}, after ${c.warm ?? 0} steps`;
const table = cases.map((c) => [name(c), c] as const);

describe('plain SGD in float32', () => {
  it.each(table)('%s', async (_, c) => {
    const { worst, list, rate } = await difference(c);
    expect(worst).toBeLessThan(STEP_THRESHOLD / 10);
    expect(() => requireSgdStep(list, rate)).not.toThrow();
  });
});

describe('anything else is refused, with the layer named', () => {
  const refused = async (c: Case, claim?: Parameters<typeof difference>[1]) => {
    const { list, rate, worst } = await difference(c, claim);
    expect(worst).toBeGreaterThan(STEP_THRESHOLD * 2);
    expect(() => requireSgdStep(list, rate)).toThrow(
      expect.objectContaining({
        code: 'STEP_NOT_SGD',
        details: expect.objectContaining({ layer: expect.stringMatching(/dense/) }),
      }),
    );
  };

  it.each(table)('a learning rate 10 %% higher or lower than the claim: %s', async (_, c) => {
    await refused(c, (b, rate) => ({ ...b, rate: rate * 1.1 }));
    await refused(c, (b, rate) => ({ ...b, rate: rate * 0.9 }));
  });

  it.each(table)('Adam, and momentum in its second step: %s', async (_, c) => {
    await refused({ ...c, optimizer: () => tf.train.adam(c.rate) });
    await refused({ ...c, warm: (c.warm ?? 0) + 1, optimizer: () => tf.train.momentum(c.rate, 0.9) });
  });

  it.each(table)('another batch, and two swapped labels: %s', async (_, c) => {
    await refused(c, (_b, rate) => ({ ...batchAt(3 + (c.warm ?? 0), c.batch), rate }));
    await refused(c, (b, rate) => {
      const rolled = tf.concat([b.ys.slice([0, 9], [-1, 1]), b.ys.slice([0, 0], [-1, 9])], 1) as tf.Tensor2D;
      return { xs: b.xs, ys: rolled, rate };
    });
  });

  it('no step at all', async () => {
    const before = await recordModel([{ name: 'dense/kernel', shape: [2, 1], values: [0.5, -0.25] }]);
    const batch = await recordBatch({ xs: [1, 2], ys: [1] }, 2, 1, 'meanSquaredError');
    expect(() => requireSgdStep(stepDifferences(before, before, batch, 0.1), 0.1)).toThrow(
      /differs by 1.0e\+2 %|differs by 100/,
    );
  });

  it('a step that moves a layer without gradient', async () => {
    const at = (values: number[]) => recordModel([{ name: 'dense/kernel', shape: [2, 1], values }]);
    const batch = await recordBatch({ xs: [0, 0], ys: [0] }, 2, 1, 'meanSquaredError');
    const [a, b] = [await at([0.5, -0.25]), await at([0.5, -0.2])];
    expect(() => requireSgdStep(stepDifferences(a, b, batch, 0.1), 0.1)).toThrow(/infinitely/);
    expect(() => requireSgdStep(stepDifferences(a, a, batch, 0.1), 0.1)).not.toThrow();
  });
});
