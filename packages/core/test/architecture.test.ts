import { profiles, quantiseWeights } from '@proof-of-training/sgd-circuit';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { readArchitecture } from '../src/session/architecture.js';
import { buildModel, writeWeights } from '../src/session/model.js';

type Args = Parameters<tf.LayersModel['compile']>[0];

function model(layers: tf.layers.Layer[], args: Partial<Args> = {}): tf.LayersModel {
  const m = tf.sequential({ layers });
  m.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy', ...args });
  return m;
}
const dense = (units: number, activation: string, more: object = {}) =>
  tf.layers.dense({ units, activation: activation as 'relu', ...more });
const input = { inputShape: [4] };

describe('reading a model', () => {
  it('finds layers, loss and learning rate', async () => {
    const m = model([
      dense(3, 'relu', { ...input, name: 'one' }),
      dense(2, 'softmax', { useBias: false, name: 'two' }),
    ]);
    expect(await readArchitecture(m)).toMatchObject({
      layers: [
        { inputs: 4, outputs: 3, activation: 'relu', bias: true },
        { inputs: 3, outputs: 2, activation: 'softmax', bias: false },
      ],
      weights: [{ name: 'one' }, { name: 'two' }],
      loss: 'softmaxCrossEntropy',
      optimizer: { type: 'sgd', learningRate: 0.1 },
    });
  });

  it('accepts Flatten, Activation layers and mean squared error', async () => {
    const m = model(
      [
        tf.layers.flatten({ inputShape: [2, 2] }),
        dense(3, 'linear'),
        tf.layers.activation({ activation: 'relu' }),
        dense(1, 'linear'),
      ],
      { loss: 'meanSquaredError' },
    );
    const { layers, loss } = await readArchitecture(m);
    expect(layers.map((l) => l.activation)).toEqual(['relu', 'linear']);
    expect(loss).toBe('meanSquaredError');
  });

  const softmax = () => dense(2, 'softmax', input);
  it.each<[string, string, () => tf.LayersModel]>([
    [
      'UNSUPPORTED_LAYER',
      'BatchNormalization',
      () => model([dense(2, 'relu', input), tf.layers.batchNormalization(), dense(2, 'softmax')]),
    ],
    [
      'UNSUPPORTED_LAYER',
      'Dropout',
      () => model([dense(2, 'relu', input), tf.layers.dropout({ rate: 0.5 }), dense(2, 'softmax')]),
    ],
    [
      'UNSUPPORTED_LAYER',
      'kernelRegularizer',
      () => model([dense(2, 'softmax', { ...input, kernelRegularizer: 'l1l2' })]),
    ],
    ['UNSUPPORTED_LAYER', 'frozen', () => model([dense(2, 'softmax', { ...input, trainable: false })])],
    ['UNSUPPORTED_ACTIVATION', 'selu', () => model([dense(2, 'selu', input), dense(2, 'softmax')])],
    ['UNSUPPORTED_ACTIVATION', 'before categoricalCrossentropy', () => model([dense(2, 'relu', input)])],
    ['UNSUPPORTED_ACTIVATION', 'hidden', () => model([softmax(), dense(2, 'softmax')])],
    ['UNSUPPORTED_LOSS', 'hinge', () => model([softmax()], { loss: 'hinge' })],
    ['UNSUPPORTED_OPTIMIZER', 'RMSProp', () => model([softmax()], { optimizer: tf.train.rmsprop(0.1) })],
    ['MODEL_NOT_COMPILED', 'compile', () => tf.sequential({ layers: [softmax()] })],
  ])('refuses with %s: %s', async (code, text, make) => {
    const refusal = readArchitecture(make());
    await expect(refusal).rejects.toMatchObject({ code });
    await expect(refusal).rejects.toThrow(text);
  });
});

describe('weights', () => {
  it('are written into the model as float32, and read back the same', async () => {
    const layers = [
      { inputs: 4, outputs: 3, activation: 'relu' as const, bias: true },
      { inputs: 3, outputs: 2, activation: 'softmax' as const, bias: false },
    ];
    const spec = { layers, scales: profiles.default };
    const m = model([dense(3, 'relu', input), dense(2, 'softmax', { useBias: false })]);
    const integers = quantiseWeights(spec, (await readArchitecture(m)).weights);
    const copy = buildModel(tf, { ...spec, loss: 'softmaxCrossEntropy' }, { type: 'sgd', learningRate: 0.1 });
    writeWeights(tf, copy, spec, integers);
    expect(quantiseWeights(spec, (await readArchitecture(copy)).weights)).toEqual(integers);
    const x = tf.randomUniform([5, 4], 0, 1, 'float32', 1);
    const [a, b] = [m, copy].map((n) => (n.predict(x) as tf.Tensor).dataSync());
    a!.forEach((v, i) => {
      expect(b![i]).toBeCloseTo(v, 6);
    });
  });
});
