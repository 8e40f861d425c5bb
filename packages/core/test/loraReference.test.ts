import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { applyLora } from '../src/lora/index.js';
import { recordBatch, recordModel } from '../src/record/index.js';
import { deviations } from '../src/step/deviation.js';
import { requireSgdStep, stepDifferences } from '../src/step/isThisStep.js';
import { referenceGradient } from '../src/step/reference.js';

/** 6-5-4-3, adapters on some layers; A and B random, so that no gradient is zero. */
async function network(layers: readonly string[], loss: 'categoricalCrossentropy' | 'meanSquaredError') {
  const dense = (units: number, name: string, activation: 'relu' | 'linear' | 'softmax', n: number) =>
    tf.layers.dense({
      units,
      name,
      activation,
      ...(n === 0 && { inputShape: [6] }),
      kernelInitializer: tf.initializers.randomUniform({ minval: -0.8, maxval: 0.8, seed: n + 1 }),
      biasInitializer: tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: n + 7 }),
    });
  const last = loss === 'meanSquaredError' ? 'linear' : 'softmax';
  const base = tf.sequential({
    layers: [dense(5, 'one', 'relu', 0), dense(4, 'two', 'relu', 1), dense(3, 'three', last, 2)],
  });
  base.compile({ optimizer: tf.train.sgd(0.1), loss });
  const model = await applyLora(base, { rank: 2, alpha: 3, layers });
  for (const layer of model.layers) {
    if (!layers.includes(layer.name)) continue;
    const weights = layer.getWeights();
    const random = weights.slice(0, 2).map((w, n) => tf.randomUniform(w.shape, -0.6, 0.6, 'float32', 20 + n));
    layer.setWeights([...random, ...weights.slice(2)]);
  }
  return model;
}

const xs = () => tf.randomUniform([8, 6], -1, 1, 'float32', 3);
const ys = (loss: string) =>
  loss === 'meanSquaredError'
    ? tf.randomUniform([8, 3], -1, 1, 'float32', 4)
    : tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 1, 0], 'int32'), 3);

describe.each(['categoricalCrossentropy', 'meanSquaredError'] as const)('the reference step, %s', (loss) => {
  it.each([[['one', 'two', 'three']], [['one']], [['two']], [['three']], [['one', 'three']]])(
    'is that of TensorFlow.js with adapters on %j',
    async (layers) => {
      const model = await network(layers, loss);
      const before = await recordModel(model);
      const [x, y] = [xs(), ys(loss)];
      await model.trainOnBatch(x, y);
      const after = await recordModel(model);
      const batch = await recordBatch({ xs: x, ys: y }, 6, 3, before.loss);
      const differences = stepDifferences(before, after, batch, 0.1);
      expect(differences.map((d) => d.name)).toEqual(['one', 'two', 'three']);
      for (const d of differences) {
        expect(d.relative).toBeLessThan(1e-3);
        expect(d.expectedNorm > 0).toBe(layers.includes(d.name));
      }
      // The very same step, taken for one with another rate, batch or adapter, is none.
      expect(() => requireSgdStep(stepDifferences(before, after, batch, 0.11), 0.11)).toThrow(
        expect.objectContaining({ code: 'STEP_NOT_SGD' }),
      );
      const scaled = structuredClone(before);
      for (const l of scaled.layers) if (l.adapter) l.adapter.alpha = 4;
      expect(() => requireSgdStep(stepDifferences(scaled, after, batch, 0.1), 0.1)).toThrow(
        expect.objectContaining({ code: 'STEP_NOT_SGD' }),
      );
    },
  );
});

it('the gradient has nothing of the base', async () => {
  const model = await network(['two'], 'meanSquaredError');
  const recorded = await recordModel(model);
  const batch = await recordBatch({ xs: xs(), ys: ys('meanSquaredError') }, 6, 3, recorded.loss);
  const gradients = referenceGradient(recorded, batch);
  expect(gradients.map((g) => [g.kernel.length, g.biases.length, g.adapter?.A.length])).toEqual([
    [0, 0, undefined],
    [0, 0, 10],
    [0, 0, undefined],
  ]);
});

it('deviations are those of A and B of each layer that has an adapter', () => {
  const layers = [
    { inputs: 3, outputs: 2, activation: 'relu', bias: true },
    { inputs: 2, outputs: 2, activation: 'linear', bias: true },
    { inputs: 2, outputs: 2, activation: 'linear', bias: false },
  ] as const;
  const scales = { a: 8, d: 14, e: 14, b: 12, p: 12 };
  const lora = { adapters: [{ rank: 1, alpha: 1 }, null, { rank: 2, alpha: 2 }], baseBits: 20, local: false };
  const before = new BigInt64Array(5 + 8);
  const integer = before.map((_, i) => (i < 5 ? 1n << 30n : 1n << 20n));
  const after = integer.map((v, i) => (i === 2 ? v + (1n << 10n) : i === 12 ? v - (1n << 12n) : v));
  const spec = { layers: layers.map((l) => ({ ...l })), scales, lora };
  const list = deviations(spec, ['one', 'two', 'three'], { before, after, integer }, 2 ** -10);
  expect(list.map((d) => [d.layer, d.name, d.maxDeviation, d.stepExceedsTolerance])).toEqual([
    [0, 'one', 2 ** -26, true],
    [2, 'three', 2 ** -24, false],
  ]);
});
