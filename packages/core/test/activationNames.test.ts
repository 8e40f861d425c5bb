/** What is read of TensorFlow.js's activations, losses and penalties, and that its gradients are those that steps are compared with. */
import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it } from 'vitest';
import { recordBatch, recordModel } from '../src/record/index.js';
import { integerNetwork } from '../src/record/integers.js';
import { buildModel } from '../src/session/model.js';
import { referenceGradient } from '../src/step/reference.js';
import { seededRandom } from '../src/trainConfig/random.js';

const PRECISE = { a: 8, d: 14, e: 14, b: 12, p: 12 };
const NAMES = ['sigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'hardSigmoid', 'gelu', 'gelu_new', 'swish'];

afterEach(() => tf.disposeVariables());

interface Made {
  hidden?: string;
  behind?: tf.layers.Layer;
  last?: string;
  loss?: unknown;
  l2?: number;
  more?: object;
}

function made({ hidden = 'tanh', behind, last = 'linear', loss = 'meanSquaredError', l2, more }: Made) {
  const model = tf.sequential();
  const regular = l2 === undefined ? {} : { kernelRegularizer: tf.regularizers.l2({ l2 }) };
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const first = { units: 4, activation: hidden as 'relu', inputShape: [3], kernelInitializer };
  model.add(tf.layers.dense({ ...first, ...regular, ...more }));
  if (behind) model.add(behind);
  model.add(tf.layers.dense({ units: 2, activation: last as 'relu', kernelInitializer }));
  model.compile({ optimizer: tf.train.sgd(1), loss: loss as string });
  return model;
}

const code = (m: tf.LayersModel) =>
  recordModel(m).then(
    () => 'recorded',
    (e: { code: string }) => e.code,
  );

/** The largest difference between what TensorFlow.js moves each weight by, at a rate of 1, and the gradient in doubles. */
async function difference(model: tf.LayersModel, binary: boolean): Promise<number> {
  const random = seededRandom(5);
  const x = Float32Array.from({ length: 15 }, () => 2 * random() - 1);
  const y = Float32Array.from({ length: 10 }, (_, i) => (binary ? Number(i % 3 === 0) : random()));
  const before = await recordModel(model);
  const batch = await recordBatch({ xs: x, ys: y }, 3, 2, before.loss);
  await model.trainOnBatch(tf.tensor2d(x, [5, 3]), tf.tensor2d(y, [5, 2]));
  const after = await recordModel(model);
  const gradients = referenceGradient(before, batch);
  const moved = before.layers.map((l, n) => l.kernel.map((w, i) => w - after.layers[n]!.kernel[i]!));
  const all = moved.flatMap((m, n) => [...m].map((v, i) => Math.abs(v - gradients[n]!.kernel[i]!)));
  expect(Math.max(...moved.flatMap((m) => [...m].map(Math.abs)))).toBeGreaterThan(1e-3);
  return Math.max(...all);
}

it('gradients of every activation are those of TensorFlow.js', async () => {
  for (const name of NAMES) expect(await difference(made({ hidden: name }), false), name).toBeLessThan(1e-5);
  const layers = [tf.layers.leakyReLU({ alpha: 0.1 }), tf.layers.elu(), tf.layers.reLU()];
  for (const behind of layers) {
    expect(await difference(made({ hidden: 'linear', behind }), false)).toBeLessThan(1e-5);
  }
});

it('gradients of every loss, of a last activation and of a penalty are those of TensorFlow.js', async () => {
  const { absoluteDifference, huberLoss, sigmoidCrossEntropy } = tf.losses;
  for (const loss of ['meanAbsoluteError', absoluteDifference, huberLoss]) {
    expect(await difference(made({ loss }), false)).toBeLessThan(1e-5);
  }
  expect(await difference(made({ last: 'tanh' }), false)).toBeLessThan(1e-5);
  expect(await difference(made({ loss: sigmoidCrossEntropy }), true)).toBeLessThan(1e-5);
  expect(await difference(made({ loss: 'binaryCrossentropy', last: 'sigmoid' }), true)).toBeLessThan(1e-5);
  expect(await difference(made({ l2: 0.05 }), false)).toBeLessThan(1e-5);
});

it('are recorded by their names, and become integers of a format', async () => {
  const model = made({ hidden: 'linear', behind: tf.layers.leakyReLU({ alpha: 0.25 }), l2: 0.5 });
  const { layers, loss } = await recordModel(model, { loss: { name: 'huber', delta: 2 } });
  expect(layers[0]!.activation).toEqual({ name: 'leakyRelu', alpha: 0.25 });
  const numbers = integerNetwork(layers, loss, PRECISE);
  expect(numbers.layers[0]!.activation).toEqual({ leakyRelu: { alpha: 1024 } });
  expect(numbers.loss).toEqual({ huber: { delta: 512 } });
  expect(numbers.penalties).toEqual([{ layer: 0, of: 'kernel', l2: 2 ** 31 }]);
  const smoothed = { name: 'softmaxCrossEntropy', labelSmoothing: 0.1 } as const;
  expect(integerNetwork(layers, smoothed, PRECISE).loss).toEqual({
    smoothedCrossEntropy: { smoothing: 819 },
  });
  // The way back: a model of the specification is recorded as the same one.
  const again = buildModel(tf, { ...numbers, scales: PRECISE }, { type: 'sgd', learningRate: 1 });
  const recorded = await recordModel(again, { loss: { name: 'huber', delta: 2 } });
  expect(integerNetwork(recorded.layers, recorded.loss, PRECISE)).toEqual(numbers);
  const logits = await recordModel(made({ loss: tf.losses.sigmoidCrossEntropy }));
  expect([logits.loss, logits.layers[1]!.activation]).toEqual(['sigmoidCrossEntropy', 'sigmoid']);
});

it('what no circuit has is refused by name', async () => {
  for (const hidden of ['selu', 'relu6', 'mish'])
    expect(await code(made({ hidden }))).toBe('UNSUPPORTED_ACTIVATION');
  expect(await code(made({ last: 'relu' }))).toBe('UNSUPPORTED_ACTIVATION');
  expect(await code(made({ loss: 'binaryCrossentropy' }))).toBe('UNSUPPORTED_ACTIVATION');
  expect(await code(made({ loss: 'hinge' }))).toBe('UNSUPPORTED_LOSS');
  const own = (y: tf.Tensor, z: tf.Tensor) => tf.losses.huberLoss(y, z, undefined, 2);
  expect(await code(made({ loss: own }))).toBe('UNSUPPORTED_LOSS');
  expect(await code(made({ more: { kernelRegularizer: tf.regularizers.l1() } }))).toBe('UNSUPPORTED_LAYER');
  const changed = made({ l2: 0.1 });
  (changed.layers[0] as unknown as { kernelRegularizer: object }).kernelRegularizer = { apply: () => 0 };
  expect(await code(changed)).toBe('UNSUPPORTED_LAYER');
  const { layers, loss } = await recordModel(made({}));
  const small = { a: 8, d: 14, e: 14, b: 9, p: 9 };
  expect(() => integerNetwork(layers, loss, small)).toThrow(
    expect.objectContaining({ code: 'ACTIVATION_FORMAT' }),
  );
  const wide = layers.map((l) => ({ ...l, activation: { name: 'elu', alpha: 0.00001 } as const }));
  expect(() => integerNetwork(wide, loss, PRECISE)).toThrow(
    expect.objectContaining({ code: 'ACTIVATION_UNREPRESENTABLE' }),
  );
  for (const wrong of [{ name: 'huber', delta: 1e9 } as const, { name: 'huber', delta: 1e-9 } as const]) {
    expect(() => integerNetwork(layers, wrong, PRECISE)).toThrow(
      expect.objectContaining({ code: 'LOSS_UNREPRESENTABLE' }),
    );
  }
});
