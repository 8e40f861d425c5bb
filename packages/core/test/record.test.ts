import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readLearningRate, readOptimizer, recordBatch, recordModel } from '../src/record/index.js';
import { isLoraName } from '../src/record/lora.js';

beforeAll(() => tf.setBackend('cpu'));

type Dense = Parameters<typeof tf.layers.dense>[0];

function model(layers: Dense[], compile: Partial<tf.ModelCompileArgs> = {}): tf.Sequential {
  const m = tf.sequential();
  for (const [i, l] of layers.entries())
    m.add(tf.layers.dense({ ...l, ...(i === 0 && { inputShape: [3] }) }));
  m.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError', ...compile });
  return m;
}

function chain(...layers: tf.layers.Layer[]): tf.Sequential {
  const m = tf.sequential({ layers });
  m.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return m;
}

const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });

describe('recordModel', () => {
  it('reads layers, loss and weights', async () => {
    const m = model(
      [
        { units: 4, activation: 'relu' },
        { units: 2, activation: 'softmax', useBias: false },
      ],
      {
        loss: 'categoricalCrossentropy',
      },
    );
    const { layers, loss } = await recordModel(m);
    expect(loss).toBe('softmaxCrossEntropy');
    expect(
      layers.map(({ inputs, outputs, activation, bias }) => ({ inputs, outputs, activation, bias })),
    ).toEqual([
      { inputs: 3, outputs: 4, activation: 'relu', bias: true },
      { inputs: 4, outputs: 2, activation: 'softmax', bias: false },
    ]);
    expect(layers[0]!.kernel).toEqual(m.layers[0]!.getWeights()[0]!.dataSync());
    expect(layers[1]!.biases).toBeUndefined();
  });

  it('copies: later training does not change what was recorded', async () => {
    const m = model([{ units: 1 }]);
    const before = await recordModel(m);
    const copy = before.layers[0]!.kernel.slice();
    await m.trainOnBatch(tf.ones([2, 3]), tf.zeros([2, 1]));
    expect(before.layers[0]!.kernel).toEqual(copy);
    expect((await recordModel(m)).layers[0]!.kernel).not.toEqual(copy);
    expect(await recordModel(before)).toBe(before);
  });

  it('reads Activation layers, Flatten, loss functions and functional models', async () => {
    const input = tf.input({ shape: [2, 2] });
    let x = tf.layers.flatten().apply(input) as tf.SymbolicTensor;
    x = tf.layers.dense({ units: 3 }).apply(x) as tf.SymbolicTensor;
    x = tf.layers.activation({ activation: 'relu' }).apply(x) as tf.SymbolicTensor;
    x = tf.layers.dense({ units: 2 }).apply(x) as tf.SymbolicTensor;
    const m = tf.model({ inputs: input, outputs: x });
    m.compile({ optimizer: tf.train.sgd(0.5), loss: tf.losses.softmaxCrossEntropy });
    const { layers, loss } = await recordModel(m);
    expect(loss).toBe('softmaxCrossEntropy');
    expect(layers.map((l) => l.activation)).toEqual(['relu', 'softmax']);
    m.compile({ optimizer: tf.train.sgd(0.5), loss: tf.losses.meanSquaredError });
    expect((await recordModel(m)).loss).toBe('meanSquaredError');
    expect(readLearningRate(m)).toBe(0.5);
  });

  it('reads layers that change no value, and activations that are layers of their own', async () => {
    const m = tf.sequential({
      layers: [
        tf.layers.inputLayer({ inputShape: [6] }),
        tf.layers.reshape({ targetShape: [3, 2] }),
        tf.layers.flatten(),
        tf.layers.activation({ activation: 'linear' }),
        tf.layers.dense({ units: 4 }),
        tf.layers.reLU(),
        tf.layers.reshape({ targetShape: [2, 2] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2 }),
        tf.layers.softmax(),
      ],
    });
    const output = m.outputs[0]!.sourceLayer.name;
    for (const loss of [
      'categoricalCrossentropy',
      'sparseCategoricalCrossentropy',
      ['categoricalCrossentropy'],
      { [output]: 'categoricalCrossentropy' },
      tf.metrics.categoricalCrossentropy,
    ]) {
      m.compile({ optimizer: 'sgd', loss: loss as never });
      const { layers, loss: read } = await recordModel(m);
      expect(read).toBe('softmaxCrossEntropy');
      expect(layers.map((l) => [l.inputs, l.outputs, l.activation])).toEqual([
        [6, 4, 'relu'],
        [4, 2, 'softmax'],
      ]);
    }
    m.compile({ optimizer: 'sgd', loss: { [output]: (() => tf.scalar(0)) as never } });
    await expect(recordModel(m)).rejects.toEqual(code('UNSUPPORTED_LOSS'));
  });

  it('reads named arrays in order', async () => {
    const arrays = [
      { name: 'hidden/kernel', shape: [3, 2], values: [1, 2, 3, 4, 5, 6] },
      { name: 'hidden/bias', shape: [2], values: [7, 8] },
      { name: 'out/kernel', shape: [2, 1], values: [9, 10] },
    ];
    const { layers, loss } = await recordModel(arrays);
    expect(loss).toBe('meanSquaredError');
    expect(layers.map((l) => [l.name, l.activation, l.bias])).toEqual([
      ['hidden', 'relu', true],
      ['out', 'linear', false],
    ]);
    await expect(recordModel([{ name: 'k', shape: [3, 2], values: [1] }])).rejects.toEqual(
      code('WEIGHTS_SHAPE'),
    );
    await expect(recordModel([{ name: 'b', shape: [3], values: [1, 2, 3] }])).rejects.toEqual(
      code('WEIGHTS_SHAPE'),
    );
    await expect(recordModel(arrays, { activations: ['relu'] })).rejects.toEqual(code('WEIGHTS_SHAPE'));
  });
});

describe('what is not supported is named', () => {
  const refused: [string, string, RegExp, () => tf.LayersModel][] = [
    [
      'a convolution',
      'UNSUPPORTED_LAYER',
      /Conv2D/,
      () => {
        const m = tf.sequential({
          layers: [tf.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [2, 2, 1] })],
        });
        m.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        return m;
      },
    ],
    [
      'ReLU with a maximum',
      'UNSUPPORTED_LAYER',
      /maxValue/,
      () => chain(tf.layers.dense({ units: 2, inputShape: [3] }), tf.layers.reLU({ maxValue: 6 })),
    ],
    [
      'softmax along another axis',
      'UNSUPPORTED_LAYER',
      /axis 0/,
      () => chain(tf.layers.dense({ units: 2, inputShape: [3] }), tf.layers.softmax({ axis: 0 })),
    ],
    [
      'softmax of rows that are no vectors',
      'UNSUPPORTED_LAYER',
      /\[2, 2\]/,
      () =>
        chain(
          tf.layers.dense({ units: 4, inputShape: [3] }),
          tf.layers.reshape({ targetShape: [2, 2] }),
          tf.layers.activation({ activation: 'softmax' }),
        ),
    ],
    [
      'Flatten that changes the order',
      'UNSUPPORTED_LAYER',
      /channelsFirst/,
      () =>
        chain(
          tf.layers.flatten({ inputShape: [2, 2, 3], dataFormat: 'channelsFirst' }),
          tf.layers.dense({ units: 1 }),
        ),
    ],
    [
      'a softmax that is changed',
      'UNSUPPORTED_LAYER',
      /of your own/,
      () => {
        const softmax = tf.layers.softmax();
        (softmax as unknown as { softmax: unknown }).softmax = (x: unknown) => x;
        return chain(tf.layers.dense({ units: 2, inputShape: [3] }), softmax);
      },
    ],
    [
      'an activation that is changed',
      'UNSUPPORTED_ACTIVATION',
      /of your own/,
      () => {
        const layer = tf.layers.activation({ activation: 'relu' });
        (layer as unknown as { activation: { apply: unknown } }).activation.apply = (x: unknown) => x;
        return chain(tf.layers.dense({ units: 2, inputShape: [3] }), layer, tf.layers.dense({ units: 1 }));
      },
    ],
    [
      'an activation before any Dense layer',
      'UNSUPPORTED_LAYER',
      /ReLU/,
      () => chain(tf.layers.reLU({ inputShape: [3] } as never), tf.layers.dense({ units: 1 })),
    ],
    ['a frozen layer', 'UNSUPPORTED_LAYER', /frozen/, () => model([{ units: 2, trainable: false }])],
    [
      'a regulariser',
      'UNSUPPORTED_LAYER',
      /kernelRegularizer/,
      () => model([{ units: 2, kernelRegularizer: 'l1l2' }]),
    ],
    ['selu', 'UNSUPPORTED_ACTIVATION', /selu/, () => model([{ units: 2, activation: 'selu' }, { units: 1 }])],
    [
      'softmax inside',
      'UNSUPPORTED_ACTIVATION',
      /softmax/,
      () => model([{ units: 2, activation: 'softmax' }, { units: 1 }]),
    ],
    [
      'relu before the loss',
      'UNSUPPORTED_ACTIVATION',
      /relu/,
      () => model([{ units: 2, activation: 'relu' }]),
    ],
    [
      'cross-entropy without softmax',
      'UNSUPPORTED_ACTIVATION',
      /softmax/,
      () => model([{ units: 2 }], { loss: 'categoricalCrossentropy' }),
    ],
    ['hinge loss', 'UNSUPPORTED_LOSS', /hinge/, () => model([{ units: 2 }], { loss: 'hinge' })],
  ];
  it.each(refused)('%s', async (_, wanted, named, make) => {
    const error = await recordModel(make()).catch((e: unknown) => e);
    expect(error).toEqual(code(wanted));
    expect((error as Error).message).toMatch(named);
    expect((error as Error).message).toMatch(/Supported:/);
  });

  it('a model that is not compiled', async () => {
    const m = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    await expect(recordModel(m)).rejects.toEqual(code('MODEL_NOT_COMPILED'));
    expect((await recordModel(m, { loss: 'meanSquaredError' })).loss).toBe('meanSquaredError');
  });

  it('optimisers that no circuit has', () => {
    const compiled = (optimizer: tf.Optimizer) => model([{ units: 1 }], { optimizer });
    for (const [optimizer, named] of [
      [tf.train.rmsprop(0.1), /RMSProp/],
      [tf.train.adagrad(0.1), /Adagrad/],
      [tf.train.adamax(0.1), /Adamax/],
      [tf.train.momentum(0.1, 0.9, true), /Momentum with Nesterov's/],
    ] as const) {
      const read = () => readOptimizer(compiled(optimizer));
      expect(read).toThrow(code('UNSUPPORTED_OPTIMIZER'));
      expect(read).toThrow(named);
      expect(read).toThrow(/Supported: .*tf\.train\.momentum.*tf\.train\.adam/);
    }
  });

  it('and reads the others', () => {
    const read = (optimizer: tf.Optimizer | string) =>
      readOptimizer(model([{ units: 1 }], { optimizer: optimizer as tf.Optimizer }));
    expect(read(tf.train.sgd(0.5))).toEqual({ type: 'sgd', learningRate: 0.5 });
    expect(read(tf.train.momentum(0.5, 0.75))).toEqual({
      type: 'momentum',
      learningRate: 0.5,
      momentum: 0.75,
    });
    expect(read(tf.train.momentum(0.5, 0))).toEqual({ type: 'sgd', learningRate: 0.5 });
    const adam = { type: 'adamw', learningRate: 0.001, beta1: 0.9, beta2: 0.999 };
    expect(read(tf.train.adam(0.001))).toEqual(adam);
    expect(read('adam')).toEqual(adam);
    expect(read(tf.train.adam(0.001, 0.9, 0.999, 1e-5))).toEqual({ ...adam, epsilon: 1e-5 });
  });

  it('adapters that are not ours', async () => {
    for (const name of ['lora_A', 'dense_lora_down', 'loraUp', 'LoRADense', 'q_proj.lora_B.weight']) {
      expect(isLoraName(name), name).toBe(true);
      await expect(recordModel([{ name, shape: [1, 1], values: [1] }])).rejects.toEqual(code('LORA_FOREIGN'));
    }
    for (const name of ['dense_Dense1', 'flora', 'Flora_1', 'explorative', 'color'])
      expect(isLoraName(name), name).toBe(false);
    await expect(recordModel(model([{ units: 1, name: 'lora_a' }]))).rejects.toEqual(code('LORA_FOREIGN'));
  });
});

describe('recordBatch', () => {
  it('takes tensors, rows, flat arrays and class numbers', async () => {
    const rows = {
      xs: [
        [1, 2],
        [3, 4],
      ],
      ys: [
        [0, 1, 0],
        [1, 0, 0],
      ],
    };
    const want = { x: Float32Array.of(1, 2, 3, 4), y: Float32Array.of(0, 1, 0, 1, 0, 0), samples: 2 };
    expect(await recordBatch(rows, 2, 3, 'softmaxCrossEntropy')).toEqual(want);
    expect(
      await recordBatch({ xs: tf.tensor2d(rows.xs), ys: tf.tensor2d(rows.ys) }, 2, 3, 'softmaxCrossEntropy'),
    ).toEqual(want);
    expect(await recordBatch({ xs: want.x, ys: [1, 0] }, 2, 3, 'softmaxCrossEntropy')).toEqual(want);
  });

  it('refuses shapes that do not fit', async () => {
    await expect(recordBatch({ xs: [1, 2, 3], ys: [1] }, 2, 1, 'meanSquaredError')).rejects.toEqual(
      code('DATA_SHAPE'),
    );
    await expect(recordBatch({ xs: [[1, 2]], ys: [1, 2] }, 2, 1, 'meanSquaredError')).rejects.toEqual(
      code('DATA_SHAPE'),
    );
    await expect(recordBatch({ xs: [[1, 2]], ys: [3] }, 2, 3, 'softmaxCrossEntropy')).rejects.toEqual(
      code('LABELS_NOT_ONE_HOT'),
    );
  });
});
