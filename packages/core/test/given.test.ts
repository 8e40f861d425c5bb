import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applyLora, mergeLora } from '../src/lora/index.js';
import { type BatchValues, recordBatch, recordModel } from '../src/record/index.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { TOY, toyData, toyModel, toyOptions } from './helpers/toy.js';

beforeAll(() => tf.setBackend('cpu'));
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });
const read = (xs: unknown, ys: unknown = tf.oneHot(tf.fill([8], 1, 'int32'), 3)) =>
  recordBatch({ xs: xs as BatchValues, ys: ys as BatchValues }, 4, 3, 'softmaxCrossEntropy');
const x = tf.ones([8, 4]);

describe('data', () => {
  it('of another shape is refused with both shapes, however many values it has', async () => {
    for (const [wrong, shape] of [
      [tf.ones([4, 8]), [4, 8]],
      [tf.ones([32]), [32]],
      [tf.ones([2, 16]), [2, 16]],
      [Array.from({ length: 4 }, () => new Float32Array(8)), [4, 8]],
    ] as const) {
      await expect(read(wrong)).rejects.toMatchObject({ code: 'DATA_SHAPE', details: { shape, width: 4 } });
    }
    await expect(read(x, tf.ones([3, 8]))).rejects.toEqual(code('DATA_SHAPE'));
    await expect(read(x, tf.ones([8, 4]))).rejects.toEqual(code('DATA_SHAPE'));
    await expect(read(x, tf.ones([9, 3]))).rejects.toEqual(code('DATA_SHAPE'));
    await expect(
      read([
        [1, 2, 3],
        [1, 2, 3, 4, 5],
      ]),
    ).rejects.toEqual(code('DATA_SHAPE'));
  });

  it('is named as the caller of a session named it', async () => {
    const create = (data: unknown, model = toyModel()) =>
      TrainingSession.create(toyOptions({ model, data: data as never, onWarning: () => {} })).then(
        () => 'made',
        (e: { code: string; shortMessage: string }) => `${e.code} ${e.shortMessage}`,
      );
    const { x: flatX, y: flatY } = toyData();
    const [xs, ys] = [Array.from(flatX), Array.from(flatY)];
    const half = ys.slice(0, ys.length / 2);
    expect(await create({ x: xs.slice(1), y: ys })).toMatch(/^DATA_SHAPE data\.x has \d+ values/);
    expect(await create({ x: xs, y: half })).toMatch(/^DATA_SHAPE data\.x has 24 samples, data\.y has 12$/);
    expect(await create({ x: xs, y: ys.map(() => 0.5) })).toMatch(/^LABELS_NOT_ONE_HOT data\.y: row 0/);
    expect(await create({ x: xs.map((v) => v * 255), y: ys })).toMatch(
      /^VALUE_OUT_OF_RANGE data\.x has a value outside of /,
    );
    expect(await create({ x: xs.map(() => Number.NaN), y: ys })).toMatch(/^VALUE_NOT_FINITE data\.x/);
    expect(await create({ x: xs.map(String), y: ys })).toMatch(/^DATA_TYPE data\.x\[0\] must be numbers/);
    // A batch of autoProveTrainingStep has xs and ys.
    await expect(read(x, tf.ones([9, 3]))).rejects.toThrow('xs has 8 samples, ys has 9');
  });

  it('of another type is refused and named', async () => {
    for (const wrong of [
      [['5.1', '3.5', '1.4', '0.2']],
      [[1, null, 1, 0]],
      undefined,
      null,
      'text',
      7,
      [tf.ones([8, 4])],
      tf.tensor2d([['a', 'b', 'c', 'd']]),
      new BigInt64Array(4),
    ]) {
      await expect(read(wrong)).rejects.toEqual(code('DATA_TYPE'));
    }
    await expect(recordBatch({ xs: x } as never, 4, 3, 'softmaxCrossEntropy')).rejects.toEqual(
      code('DATA_TYPE'),
    );
  });

  it('that is disposed is refused, and named', async () => {
    const gone = x.clone();
    gone.dispose();
    await expect(read(gone)).rejects.toMatchObject({ code: 'DATA_DISPOSED', details: { tensor: 'xs' } });
  });

  it('may be booleans, images, class numbers', async () => {
    const { x: values } = await read([[true, false, true, true]], [1]);
    expect([...values]).toEqual([1, 0, 1, 1]);
    expect((await read(tf.ones([8, 2, 2]))).samples).toBe(8);
    expect((await read(x, tf.ones([8, 1]))).y).toHaveLength(24);
  });

  it('may be datasets: rows or batches, one-hot or class numbers', async () => {
    const rows = tf.randomUniform([8, 4]);
    const wanted = rows.dataSync();
    const array = tf.data.array(rows.arraySync() as number[][]);
    const classes = tf.data.array([0, 1, 2, 0, 1, 2, 0, 1]);
    for (const dataset of [array, array.batch(3)]) {
      const batch = await read(dataset, classes);
      expect(batch.samples).toBe(8);
      expect(batch.x).toEqual(wanted);
      expect([...batch.y.slice(0, 6)]).toEqual([1, 0, 0, 0, 1, 0]);
    }
    await expect(read(array.repeat())).rejects.toEqual(code('DATA_TOO_LARGE'));
    await expect(read(tf.data.array([{ a: 1 }]))).rejects.toEqual(code('DATA_TYPE'));
    await expect(read(tf.data.array([[1, 2, 3]]))).rejects.toEqual(code('DATA_SHAPE'));
  });
});

describe('what only has a known name', () => {
  function compiled(more: Partial<tf.ModelCompileArgs> = {}, activation: unknown = 'linear') {
    const m = tf.sequential();
    m.add(tf.layers.dense({ units: 1, inputShape: [4], activation: activation as 'linear' }));
    m.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError', ...more });
    return m;
  }

  it('is refused: losses', async () => {
    const mse = (t: tf.Tensor, p: tf.Tensor) => tf.losses.meanSquaredError(t, p).mul(0.5);
    const meanSquaredError__op = mse.bind(null);
    Object.defineProperty(meanSquaredError__op, 'name', { value: 'meanSquaredError__op' });
    for (const loss of [mse, meanSquaredError__op]) {
      await expect(recordModel(compiled({ loss: loss as never }))).rejects.toEqual(code('UNSUPPORTED_LOSS'));
    }
    for (const loss of [tf.losses.meanSquaredError, tf.metrics.meanSquaredError]) {
      expect((await recordModel(compiled({ loss: loss as never }))).loss).toBe('meanSquaredError');
    }
  });

  it('is refused: layers and optimisers', async () => {
    const m = compiled();
    (m.layers[0] as unknown as { call: unknown }).call = (v: tf.Tensor) => v;
    await expect(recordModel(m)).rejects.toEqual(code('UNSUPPORTED_LAYER'));
    const fake = compiled();
    const relu = { getClassName: () => 'relu', apply: (v: tf.Tensor) => v };
    (fake.layers[0] as unknown as { activation: unknown }).activation = relu;
    await expect(recordModel(fake)).rejects.toEqual(code('UNSUPPORTED_ACTIVATION'));
    class Halved extends tf.SGDOptimizer {
      override applyGradients() {}
    }
    const options = toyOptions();
    options.model.compile({ optimizer: new Halved(0.125), loss: 'categoricalCrossentropy' });
    await expect(TrainingSession.create(options)).rejects.toEqual(code('UNSUPPORTED_OPTIMIZER'));
  });

  it('is refused: a model of another copy of TensorFlow.js', async () => {
    const { layers, inputs, outputs, loss, optimizer } = compiled();
    const other = { layers, inputs, outputs, loss, optimizer, trainable: true };
    await expect(recordModel(other as never)).rejects.toEqual(code('TFJS_COPIES'));
    await expect(applyLora(other as never, { rank: 1, alpha: 1 })).rejects.toEqual(code('TFJS_COPIES'));
    const copy = { ...tf, LayersModel: class {} } as never;
    const tuned = await applyLora(compiled(), { rank: 1, alpha: 1 });
    await expect(applyLora(compiled(), { rank: 1, alpha: 1, tf: copy })).rejects.toEqual(code('TFJS_COPIES'));
    await expect(mergeLora(tuned, { tf: copy })).rejects.toEqual(code('TFJS_COPIES'));
    await expect(mergeLora(tuned, { tf: { layers: tf.layers } as never })).rejects.toEqual(
      code('OPTION_INVALID'),
    );
  });

  it('is refused: several losses, by what they are; one under the name of its output is that one', async () => {
    const input = tf.input({ shape: [4] });
    const out = tf.layers.dense({ units: 1, name: 'out' }).apply(input) as tf.SymbolicTensor;
    const m = tf.model({ inputs: input, outputs: out });
    m.compile({ optimizer: tf.train.sgd(0.1), loss: { out: 'meanSquaredError' } });
    expect((await recordModel(m)).loss).toBe('meanSquaredError');
    m.loss = { out: 'meanSquaredError', other: 'meanSquaredError' };
    await expect(recordModel(m)).rejects.toMatchObject({
      code: 'UNSUPPORTED_LOSS',
      details: { found: 'several losses' },
    });
  });
});

describe('what training would not use', () => {
  const open: TrainingSession[] = [];
  afterEach(async () => {
    for (const session of open.splice(0)) await session.close();
  });

  it('is refused: a frozen model', async () => {
    const model = toyModel();
    model.trainable = false;
    model.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
    await expect(TrainingSession.create(toyOptions({ model }))).rejects.toEqual(code('UNSUPPORTED_LAYER'));
  });

  it('is refused: progress of model.fit between two session.fit', async () => {
    const options = toyOptions();
    const session = await TrainingSession.create(options);
    open.push(session);
    await session.fit({ steps: 2 });
    const { x, y } = toyData();
    await options.model.fit(tf.tensor2d(x, [24, TOY.inputs]), tf.tensor2d(y, [24, TOY.outputs]), {
      verbose: 0,
    });
    await expect(session.fit({ steps: 2 })).rejects.toEqual(code('MODEL_CHANGED'));
    expect(session.steps).toBe(2);
    session.writeBack();
    await session.step();
    expect(await session.fit({ steps: 1 })).toHaveLength(1);
  });

  it('is said: rows that are left out, before training and in the bundle', async () => {
    const said: string[] = [];
    const session = await TrainingSession.create(
      toyOptions({ data: toyData(1, 13), onWarning: (m) => said.push(m) }),
    );
    open.push(session);
    expect(session.leftOut).toBe(5);
    expect(said.some((m) => /last 5 of 13 rows/.test(m))).toBe(true);
    await session.fit();
    const bundle = await session.finish();
    expect(bundle.declared?.leftOut).toBe(5);
    expect((await verifyTrainingRun(bundle, { allowDevelopmentSrs: true })).ok).toBe(true);
  });
});
