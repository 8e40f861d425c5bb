import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyLora, loraOf, mergeLora, registerLora } from '../src/index.js';
import { writeAdapters } from '../src/lora/index.js';
import {
  baseChanges,
  isLoraDense,
  type LoraDense,
  recordModel,
  requireSameBase,
} from '../src/record/index.js';

beforeAll(() => tf.setBackend('cpu'));

const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });

/** 5 x 4 (relu) x 3 (softmax), with biases that are not zero. */
function base(compile: Partial<tf.ModelCompileArgs> | false = {}): tf.Sequential {
  const biasInitializer = tf.initializers.randomUniform({ minval: -1, maxval: 1, seed: 5 });
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 6 });
  const m = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 4,
        activation: 'relu',
        inputShape: [5],
        name: 'hidden',
        biasInitializer,
        kernelInitializer,
      }),
      tf.layers.dense({ units: 3, activation: 'softmax', name: 'out', biasInitializer, kernelInitializer }),
    ],
  });
  if (compile)
    m.compile({
      optimizer: tf.train.sgd(0.25),
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
      ...compile,
    });
  return m;
}

const xs = () => tf.randomUniform([6, 5], -1, 1, 'float32', 3);
const ys = () => tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3);
const predict = (m: tf.LayersModel, x = xs()) => [...(m.predict(x) as tf.Tensor).dataSync()];
const weightsOf = (m: tf.LayersModel) => m.getWeights().map((w) => [...w.dataSync()]);

describe('applyLora', () => {
  it('gives a model that computes exactly what the base does while B is zero', async () => {
    const m = base();
    const tuned = await applyLora(m, { rank: 2, alpha: 4 });
    expect(predict(tuned)).toEqual(predict(m));
    expect(tuned.layers.map((l) => [l.name, l.getClassName()])).toEqual([
      ['hidden', 'LoraDense'],
      ['out', 'LoraDense'],
    ]);
    expect(tuned.layers[0]!.weights.map((w) => w.originalName)).toEqual([
      'hidden/lora_a',
      'hidden/lora_b',
      'hidden/kernel',
      'hidden/bias',
    ]);
  });

  it('trains the adapters alone, with the loss, metrics and rate of the base', async () => {
    const m = base();
    const before = weightsOf(m);
    const tuned = await applyLora(m, { rank: 2, alpha: 2, seed: 7 });
    expect(tuned.trainableWeights.map((w) => w.originalName)).toEqual([
      'hidden/lora_a',
      'hidden/lora_b',
      'out/lora_a',
      'out/lora_b',
    ]);
    expect(tuned.loss).toBe('categoricalCrossentropy');
    expect(tuned.optimizer.getConfig()).toEqual({ learningRate: 0.25 });
    expect(tuned.optimizer).not.toBe(m.optimizer);
    const first = await recordModel(tuned);
    await tuned.trainOnBatch(xs(), ys());
    const second = await recordModel(tuned);
    const [a, b] = [first.layers[1]!.adapter!, second.layers[1]!.adapter!];
    // With B = 0 the gradient of A is zero: the first step moves B alone, the second both.
    expect(b.A).toEqual(a.A);
    expect(b.B).not.toEqual(a.B);
    const [loss, accuracy] = (await tuned.trainOnBatch(xs(), ys())) as number[];
    expect(loss).toBeGreaterThan(0);
    expect(accuracy).toBeGreaterThanOrEqual(0);
    const third = await recordModel(tuned);
    expect(third.layers[1]!.adapter!.A).not.toEqual(a.A);
    expect(baseChanges(first, third)).toEqual([]);
    expect(weightsOf(m)).toEqual(before);
    expect(predict(tuned)).not.toEqual(predict(m));
  });

  it('takes the steps of the adapters that the mathematics says', async () => {
    const m = base({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
    const values = (n: number, seed: number) => tf.randomNormal([n], 0, 0.5, 'float32', seed).dataSync();
    const init = { hidden: { A: values(10, 1), B: values(8, 2) } };
    const tuned = await applyLora(m, { rank: 2, alpha: 3, layers: ['hidden'], init });
    const [kernel, bias, kernel2, bias2] = m.getWeights() as [
      tf.Tensor2D,
      tf.Tensor1D,
      tf.Tensor2D,
      tf.Tensor1D,
    ];
    const gradients = tf.grads((A: tf.Tensor, B: tf.Tensor) => {
      const w = kernel.add(tf.matMul(A as tf.Tensor2D, B as tf.Tensor2D, true, true).mul(1.5));
      const h = xs().matMul(w).add(bias).relu();
      const out = h.matMul(kernel2).add(bias2).softmax();
      return out.sub(ys()).square().mean();
    });
    const [A, B] = [tf.tensor2d(init.hidden.A, [2, 5]), tf.tensor2d(init.hidden.B, [4, 2])];
    const [gA, gB] = gradients([A, B]);
    await tuned.trainOnBatch(xs(), ys());
    const [after] = await loraOf(tuned);
    const close = (got: Float32Array, want: tf.Tensor) =>
      want.dataSync().forEach((v, i) => {
        expect(got[i]).toBeCloseTo(v, 6);
      });
    close(after!.A, A.sub(gA!.mul(0.5)));
    close(after!.B, B.sub(gB!.mul(0.5)));
  });

  it('adapts the named layers of a functional model and freezes the others', async () => {
    // Writing weights through a constraint would change them.
    const kernelInitializer = tf.initializers.constant({ value: -1 });
    const input = tf.input({ shape: [2, 3] });
    let x = tf.layers.flatten().apply(input) as tf.SymbolicTensor;
    x = tf.layers
      .dense({ units: 4, name: 'one', useBias: false, kernelRegularizer: 'l1l2' })
      .apply(x) as tf.SymbolicTensor;
    x = tf.layers.activation({ activation: 'relu' }).apply(x) as tf.SymbolicTensor;
    x = tf.layers
      .dense({ units: 2, name: 'two', kernelConstraint: 'nonNeg', kernelInitializer })
      .apply(x) as tf.SymbolicTensor;
    const m = tf.model({ inputs: input, outputs: x });
    m.compile({ optimizer: tf.train.sgd(0.1), loss: tf.losses.softmaxCrossEntropy });
    const tuned = await applyLora(m, { rank: 1, alpha: 1, layers: ['one'] });
    expect(predict(tuned, tf.ones([2, 2, 3]))).toEqual(predict(m, tf.ones([2, 2, 3])));
    expect(tuned.trainableWeights.map((w) => w.originalName)).toEqual(['one/lora_a', 'one/lora_b']);
    const { layers, loss } = await recordModel(tuned);
    expect(loss).toBe('softmaxCrossEntropy');
    expect(layers).toMatchObject([
      { name: 'one', inputs: 6, outputs: 4, activation: 'relu', bias: false, adapter: { rank: 1, alpha: 1 } },
      { name: 'two', inputs: 4, outputs: 2, activation: 'softmax', bias: true },
    ]);
    expect(layers[1]!.adapter).toBeUndefined();
    expect(layers[1]!.kernel).toEqual(new Float32Array(8).fill(-1));
    expect(layers[0]!.kernel).toEqual(m.getLayer('one').getWeights()[0]!.dataSync());
  });

  it('leaves a model uncompiled that was not compiled, and keeps another optimiser', async () => {
    const tuned = await applyLora(base(false), { rank: 1, alpha: 1 });
    expect(tuned.optimizer).toBeUndefined();
    tuned.compile({ optimizer: tf.train.sgd(0.5), loss: 'categoricalCrossentropy' });
    await tuned.trainOnBatch(xs(), ys());
    const adam = await applyLora(base({ optimizer: tf.train.adam(0.01) }), { rank: 1, alpha: 1 });
    expect(adam.optimizer.getClassName()).toBe('Adam');
  });

  it('leaks no tensor, and disposing of it leaves the base whole', async () => {
    const m = base();
    const reference = predict(m);
    (await applyLora(m, { rank: 2, alpha: 2 })).dispose();
    const before = tf.memory().numTensors;
    const tuned = await applyLora(m, { rank: 2, alpha: 2 });
    const init = { hidden: { A: [1], B: [1] } };
    await expect(applyLora(m, { rank: 2, alpha: 2, init })).rejects.toEqual(code('WEIGHTS_SHAPE'));
    // Four weights a layer, and the rate of its own optimiser.
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(9);
    tuned.dispose();
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(1);
    expect(predict(m)).toEqual(reference);
  });
});

describe('first values', () => {
  it('are those of PEFT: A uniform in +-1/sqrt(inputs), B zero', async () => {
    const m = tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [400] })] });
    const [{ A, B } = expect.fail()] = await loraOf(await applyLora(m, { rank: 32, alpha: 32, seed: 1 }));
    const deviation = Math.sqrt(A.reduce((s, v) => s + v * v, 0) / A.length);
    expect(Math.max(...A.map(Math.abs))).toBeLessThanOrEqual(1 / 20);
    expect(deviation).toBeCloseTo(1 / 20 / Math.sqrt(3), 3);
    expect(B.every((v) => v === 0)).toBe(true);
  });

  it('gaussian: deviation 1/rank', async () => {
    const m = tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [400] })] });
    const options = { rank: 32, alpha: 32, seed: 1, init: 'gaussian' as const };
    const [{ A, B } = expect.fail()] = await loraOf(await applyLora(m, options));
    expect(Math.sqrt(A.reduce((s, v) => s + v * v, 0) / A.length) * 32).toBeCloseTo(1, 1);
    expect(B.every((v) => v === 0)).toBe(true);
  });

  it('a seed makes them reproducible, and different a layer', async () => {
    const m = tf.sequential({
      layers: [tf.layers.dense({ units: 5, inputShape: [5] }), tf.layers.dense({ units: 5 })],
    });
    const make = async (seed: number) =>
      (await loraOf(await applyLora(m, { rank: 2, alpha: 2, seed }))).map((l) => l.A);
    const [one, two] = await make(3);
    expect(await make(3)).toEqual([one, two]);
    expect(one).not.toEqual(two);
    expect(await make(9)).not.toEqual([one, two]);
  });

  it('given values are taken as they are; one missing, of a wrong size or not finite is refused', async () => {
    const A = Float32Array.from({ length: 5 }, (_, i) => i / 4);
    const B = Float32Array.from({ length: 4 }, (_, i) => -i);
    const options = { rank: 1, alpha: 1, layers: ['hidden'] };
    const [given] = await loraOf(await applyLora(base(), { ...options, init: { hidden: { A, B } } }));
    expect([given!.A, given!.B]).toEqual([A, B]);
    const [half] = await loraOf(await applyLora(base(), { ...options, init: { hidden: { A } } }));
    expect([half!.A, half!.B]).toEqual([A, new Float32Array(4)]);
    const refused = (init: never) => expect(applyLora(base(), { ...options, init })).rejects;
    await refused({ out: { A } } as never).toEqual(code('LORA_INIT'));
    await refused('xavier' as never).toEqual(code('LORA_INIT'));
    await refused({ hidden: { A: B } } as never).toEqual(code('WEIGHTS_SHAPE'));
    await refused({ hidden: { A, B: A } } as never).toEqual(code('WEIGHTS_SHAPE'));
    await refused({ hidden: { A: [0, 0, 0, 0, Number.NaN] } } as never).toEqual(code('VALUE_NOT_FINITE'));
  });
});

describe('what applyLora refuses', () => {
  const good = { rank: 1, alpha: 1 };
  it.each([
    ['LORA_LAYER_MISSING', { ...good, layers: ['hiden'] }, /hiden/],
    ['LORA_NO_LAYERS', { ...good, layers: [] }, /no layer/],
    ['LORA_RANK', { ...good, rank: 0 }, /1 to 64/],
    ['LORA_RANK', { ...good, rank: 65 }, /1 to 64/],
    ['LORA_RANK', { ...good, rank: 1.5 }, /1 to 64/],
    ['LORA_RANK', { ...good, rank: 4 }, /out is 4 x 3/],
    ['LORA_ALPHA', { ...good, alpha: 0 }, /1 to 1024/],
    ['LORA_ALPHA', { ...good, alpha: 0.5 }, /1 to 1024/],
    ['LORA_ALPHA', { ...good, alpha: 1025 }, /1 to 1024/],
  ])('%s: %j', async (wanted, options, named) => {
    const error = await applyLora(base(), options).catch((e: unknown) => e);
    expect(error).toEqual(code(wanted));
    expect((error as Error).message).toMatch(named);
  });

  it('a rank that is too large for one layer is fine for the others', async () => {
    const tuned = await applyLora(base(), { rank: 4, alpha: 4, layers: ['hidden'] });
    expect((await loraOf(tuned)).map((l) => l.rank)).toEqual([4]);
  });

  it('layers that are not dense', async () => {
    const conv = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [2, 2, 1], name: 'conv' }),
        tf.layers.flatten(),
      ],
    });
    const error = await applyLora(conv, { ...good, layers: ['conv'] }).catch((e: unknown) => e);
    expect(error).toEqual(code('LORA_LAYER_NOT_DENSE'));
    expect((error as Error).message).toMatch(/conv is Conv2D/);
    await expect(applyLora(conv, good)).rejects.toEqual(code('LORA_NO_LAYERS'));
  });

  it('adapters that are there already, merged, or of another library', async () => {
    const tuned = await applyLora(base(), good);
    await expect(applyLora(tuned, good)).rejects.toEqual(code('LORA_PRESENT'));
    (tuned.layers[0] as LoraDense).merge();
    await expect(applyLora(tuned, good)).rejects.toEqual(code('LORA_MERGED'));

    class LoRADense extends tf.layers.Layer {
      static className = 'LoRADense';
    }
    const foreign = tf.sequential({
      layers: [new LoRADense({ inputShape: [2] }), tf.layers.dense({ units: 1 })],
    });
    await expect(applyLora(foreign, good)).rejects.toEqual(code('LORA_FOREIGN'));

    // The name of our class does not make it ours.
    class Namesake extends tf.layers.Layer {
      static className = 'LoraDense';
    }
    const namesake = tf.sequential({
      layers: [new Namesake({ inputShape: [2] }), tf.layers.dense({ units: 1 })],
    });
    await expect(applyLora(namesake, good)).rejects.toEqual(code('LORA_FOREIGN'));
  });
});

describe('saving and loading', () => {
  it('keeps adapters, base and what is frozen', async () => {
    const tuned = await applyLora(base(), { rank: 2, alpha: 6, layers: ['hidden'], seed: 1 });
    await tuned.trainOnBatch(xs(), ys());
    let saved: tf.io.ModelArtifacts | undefined;
    await tuned.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    await registerLora();
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    expect(predict(loaded)).toEqual(predict(tuned));
    expect(loaded.trainableWeights.map((w) => w.originalName)).toEqual(['hidden/lora_a', 'hidden/lora_b']);
    loaded.compile({ optimizer: tf.train.sgd(0.25), loss: 'categoricalCrossentropy' });
    expect(await recordModel(loaded)).toEqual(await recordModel(tuned));
    await tuned.trainOnBatch(xs(), ys());
    await loaded.trainOnBatch(xs(), ys());
    expect(await recordModel(loaded)).toEqual(await recordModel(tuned));
  });

  it('a merged model stays a merged one', async () => {
    const tuned = await applyLora(base(), { rank: 2, alpha: 6, init: 'gaussian' });
    await tuned.trainOnBatch(xs(), ys());
    for (const layer of tuned.layers) if (isLoraDense(layer)) layer.merge();
    const copy = await tf.models.modelFromJSON(tuned.toJSON(null, false) as never);
    copy.setWeights(tuned.getWeights());
    expect(predict(copy)).toEqual(predict(tuned));
    expect((await loraOf(copy)).map((l) => l.merged)).toEqual([true, true]);
  });
});

describe('merging', () => {
  const close = (a: number[], b: number[]) =>
    a.forEach((v, i) => {
      expect(v).toBeCloseTo(b[i]!, 5);
    });

  it('mergeLora gives a plain model that computes the same and trains as any other', async () => {
    const tuned = await applyLora(base(), { rank: 2, alpha: 6, seed: 1 });
    for (let n = 0; n < 3; n++) await tuned.trainOnBatch(xs(), ys());
    const adapted = predict(tuned);
    const plain = await mergeLora(tuned);
    close(predict(plain), adapted);
    expect(predict(tuned)).toEqual(adapted);
    expect(plain.layers.map((l) => l.getClassName())).toEqual(['Dense', 'Dense']);
    const { layers } = await recordModel(plain);
    expect(layers.every((l) => !l.adapter)).toBe(true);
    await plain.trainOnBatch(xs(), ys());
    expect((await recordModel(plain)).layers[0]!.kernel).not.toEqual(layers[0]!.kernel);
    await expect(mergeLora(plain)).rejects.toEqual(code('LORA_MISSING'));
    expect(await loraOf(plain)).toEqual([]);
  });

  it('merge() of a layer changes its kernel, not what it computes, and training it is refused', async () => {
    const tuned = await applyLora(base(), { rank: 2, alpha: 6, seed: 1 });
    for (let n = 0; n < 3; n++) await tuned.trainOnBatch(xs(), ys());
    const adapted = predict(tuned);
    const before = await recordModel(tuned);
    const layer = tuned.layers[0] as LoraDense;
    layer.merge();
    layer.merge();
    close(predict(tuned), adapted);
    close(predict(await mergeLora(tuned)), adapted);
    const error = await recordModel(tuned).catch((e: unknown) => e);
    expect(error).toEqual(code('LORA_MERGED'));
    expect((error as Error).message).toMatch(/hidden/);
    const kernel = layer.kernel!.read().dataSync();
    expect(kernel).not.toEqual(before.layers[0]!.kernel);
  });
});

describe('recording models with adapters', () => {
  it('copies A and B beside kernel and bias', async () => {
    const m = base();
    const tuned = await applyLora(m, { rank: 2, alpha: 3, init: 'gaussian', seed: 4 });
    const { layers } = await recordModel(tuned);
    const plain = await recordModel(m);
    const adapters = await loraOf(tuned);
    layers.forEach(({ adapter, ...layer }, l) => {
      expect(layer).toEqual(plain.layers[l]);
      const { A, B } = adapters[l]!;
      expect(adapter).toEqual({ rank: 2, alpha: 3, A, B });
    });
    await tuned.trainOnBatch(xs(), ys());
    expect((await loraOf(tuned))[0]!.B).not.toEqual(layers[0]!.adapter!.B);
  });

  it('refuses a dense layer that is trained beside adapters, and a frozen adapter', async () => {
    const thawed = await applyLora(base(), { rank: 1, alpha: 1, layers: ['hidden'] });
    thawed.layers[1]!.trainable = true;
    const error = await recordModel(thawed).catch((e: unknown) => e);
    expect(error).toEqual(code('UNSUPPORTED_LAYER'));
    expect((error as Error).message).toMatch(/out \(trained beside adapters\)/);
    const frozen = await applyLora(base(), { rank: 1, alpha: 1 });
    frozen.layers[1]!.trainable = false;
    await expect(recordModel(frozen)).rejects.toThrow(/out \(frozen adapter\)/);
  });

  it('names the layer of a base that changed, and how many values did', async () => {
    const tuned = await applyLora(base(), { rank: 1, alpha: 1 });
    const before = await recordModel(tuned);
    requireSameBase(before, await recordModel(tuned));
    const { kernel, bias } = tuned.layers[1] as LoraDense;
    const touched = kernel!.read().dataSync().slice();
    touched[3]! += 1e-6;
    touched[7]! += 1e-6;
    kernel!.write(tf.tensor2d(touched, [4, 3]));
    bias!.write(bias!.read().add(tf.tensor1d([0, 0, 1])));
    const after = await recordModel(tuned);
    expect(baseChanges(before, after)).toEqual([{ layer: 1, name: 'out', changed: 3, values: 15 }]);
    expect(() => requireSameBase(before, after)).toThrow(code('BASE_CHANGED'));
    expect(() => requireSameBase(before, after)).toThrow(/layer out, 3 of 15 values/);
  });
});

describe('writing adapters', () => {
  it('puts them into the layers that have one, and refuses what does not fit', async () => {
    const tuned = await applyLora(base(), { rank: 1, alpha: 1, layers: ['out'] });
    const adapter = { A: Float32Array.of(1, 2, 3, 4), B: Float32Array.of(5, 6, 7) };
    writeAdapters(tf, tuned, [null, adapter]);
    expect((await loraOf(tuned))[0]).toMatchObject(adapter);
    for (const bad of [[adapter, null], [null], [null, { ...adapter, B: adapter.A }]])
      expect(() => writeAdapters(tf, tuned, bad)).toThrow(code('WEIGHTS_SHAPE'));
    expect((await loraOf(tuned))[0]).toMatchObject(adapter);
  });
});
