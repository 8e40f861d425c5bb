import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { recordModel } from '../src/record/index.js';

beforeAll(() => tf.setBackend('cpu'));
const { dense, flatten } = tf.layers;
const compiled = <T extends tf.LayersModel>(m: T): T => {
  m.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  return m;
};
const refusal = (m: tf.LayersModel) =>
  recordModel(compiled(m)).then(
    () => expect.fail('it was taken'),
    (e: { code: string; message: string }) => `${e.code} ${e.message}`,
  );

describe('the chain of layers', () => {
  it('is the one of this model, whatever other models its layers stand in', async () => {
    const body = [dense({ units: 6, activation: 'relu', inputShape: [4] }), dense({ units: 5 })];
    const first = tf.sequential({ layers: [...body, dense({ units: 2 })] });
    const second = tf.sequential({ layers: [...body, dense({ units: 3, name: 'head' })] });
    const units = async (m: tf.LayersModel) => (await recordModel(compiled(m))).layers.map((l) => l.outputs);
    expect(await units(second)).toEqual([6, 5, 3]);
    expect(await units(first)).toEqual([6, 5, 2]);
    const input = tf.input({ shape: [4] });
    let out: tf.SymbolicTensor = input;
    for (const layer of second.layers) out = layer.apply(out) as tf.SymbolicTensor;
    const third = tf.model({ inputs: input, outputs: out });
    expect(await units(third)).toEqual([6, 5, 3]);
  });

  it('is none where a layer is used twice, or has several inputs', async () => {
    const input = tf.input({ shape: [4] });
    const shared = dense({ units: 4, name: 'shared' });
    const twice = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
    expect(await refusal(tf.model({ inputs: input, outputs: twice }))).toMatch(
      /^UNSUPPORTED_LAYER layer shared \(Dense\) used twice/,
    );
    const sides = [0, 1].map(() => dense({ units: 2 }).apply(input) as tf.SymbolicTensor);
    const added = tf.layers.add({ name: 'sum' }).apply(sides) as tf.SymbolicTensor;
    expect(await refusal(tf.model({ inputs: input, outputs: added }))).toMatch(
      /^UNSUPPORTED_LAYER layer sum \(Add\) with several inputs/,
    );
  });

  it('has dense layers on vectors only', async () => {
    const layers = [dense({ units: 5, inputShape: [2, 3], name: 'low' }), flatten(), dense({ units: 1 })];
    expect(await refusal(tf.sequential({ layers }))).toMatch(
      /^UNSUPPORTED_LAYER layer low \(Dense\) on rows of shape \[2, 3\]/,
    );
    const right = tf.sequential({ layers: [flatten({ inputShape: [2, 3] }), dense({ units: 1 })] });
    expect((await recordModel(compiled(right))).layers[0]!.inputs).toBe(6);
  });
});
