import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  baseCount,
  dequantiseWeights,
  profiles,
  quantiseInputs,
  quantiseLabels,
  quantiseWeight,
  quantiseWeights,
  type SpecNumbers,
  weightCount,
  weightFormat,
  weightLimit,
} from '../src/index.js';

const spec: SpecNumbers = {
  layers: [
    { inputs: 3, outputs: 2, activation: 'relu', bias: true },
    { inputs: 2, outputs: 2, activation: 'softmax', bias: false },
  ],
  loss: 'softmaxCrossEntropy',
  batch: 1,
  steps: 1,
  scales: profiles.default,
  xOffset: 0,
  yOffset: 0,
};
const ONE = 2n ** 36n;

describe('weights', () => {
  it('transposes tfjs kernels [in][out] to [out][in], bias after its kernel', () => {
    const flat = quantiseWeights(spec, [
      { name: 'a', kernel: [1, 2, 3, 4, 5, 6], bias: [7, 8] },
      { name: 'b', kernel: [9, 10, 11, 12] },
    ]);
    expect([...flat].map((v) => Number(v / ONE))).toEqual([1, 3, 5, 2, 4, 6, 7, 8, 9, 11, 10, 12]);
  });

  it('float32 weights come back exactly while they have no more than 36 fractional bits', () => {
    const float = fc.integer({ min: -(2 ** 23), max: 2 ** 23 }).map((v) => v / 2 ** 20);
    fc.assert(
      fc.property(fc.array(float, { minLength: 12, maxLength: 12 }), (v) => {
        const flat = quantiseWeights(spec, [
          { name: 'a', kernel: v.slice(0, 6), bias: v.slice(6, 8) },
          { name: 'b', kernel: v.slice(8) },
        ]);
        const [a, b] = dequantiseWeights(spec, flat);
        const back = [...a!.kernel, ...a!.bias!, ...b!.kernel];
        expect(back).toEqual(v.map((x) => x + 0));
      }),
    );
  });

  it.each([
    [Number.NaN, 'VALUE_NOT_FINITE'],
    [Number.POSITIVE_INFINITY, 'VALUE_NOT_FINITE'],
    [2048, 'VALUE_OUT_OF_RANGE'],
    [-5000, 'VALUE_OUT_OF_RANGE'],
  ])('refuses %s and names the tensor', (value, code) => {
    const layers = [
      { name: 'hidden', kernel: [0, 0, 0, 0, 0, value], bias: [0, 0] },
      { name: 'out', kernel: [0, 0, 0, 0] },
    ];
    expect(() => quantiseWeights(spec, layers)).toThrow(expect.objectContaining({ code }));
    expect(() => quantiseWeights(spec, layers)).toThrow('hidden/kernel');
  });

  it('are limited to what the genesis proof shows', () => {
    expect(Object.values(profiles).map(weightLimit)).toEqual([2048, 256, 8192]);
    // A frozen base has fewer bits after the point: 16 + 4 of them in limbs of 12 are 24 with the sign.
    expect(weightFormat(profiles.default, 16)).toEqual({ scale: 65536, limit: 128 });
  });

  it('refuses shapes that do not fit', () => {
    const code = 'WEIGHTS_SHAPE';
    const good = { name: 'b', kernel: [1, 2, 3, 4] };
    expect(() => quantiseWeights(spec, [good])).toThrow(expect.objectContaining({ code }));
    expect(() => quantiseWeights(spec, [{ name: 'a', kernel: [1], bias: [1, 2] }, good])).toThrow('3 x 2');
    expect(() => quantiseWeights(spec, [{ name: 'a', kernel: [1, 2, 3, 4, 5, 6] }, good])).toThrow('a/bias');
    expect(() => dequantiseWeights(spec, new BigInt64Array(3))).toThrow(expect.objectContaining({ code }));
  });
});

describe('counts', () => {
  const adapters = [null, { rank: 2, alpha: 1 }];
  it('of what is trained, and of what is frozen', () => {
    expect([weightCount(spec), baseCount(spec)]).toEqual([12, 0]);
    const lora = { ...spec, lora: { adapters, baseBits: 20, local: false } };
    expect([weightCount(lora), baseCount(lora)]).toEqual([8, 12]);
    const local = { layers: [spec.layers[1]!], lora: { adapters: [adapters[1]!], baseBits: 0, local: true } };
    expect([weightCount(local), baseCount(local)]).toEqual([8, 0]);
  });
});

describe('data', () => {
  it('rounds to scale a, with the offset taken off again', () => {
    expect([...quantiseInputs(spec, [0, 0.5, 15.99])]).toEqual([0, 128, 4093]);
    expect([...quantiseInputs({ ...spec, xOffset: 2048 }, [-8, -0.5, 7.99])]).toEqual([-2048, -128, 2045]);
  });

  it('names the tensor and the range that a value is out of, never the value', () => {
    const check = () => quantiseInputs(spec, [0, -1, 0], 'pixels');
    expect(check).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
    expect(check).toThrow(
      'pixels has a value outside of 0 to 15.99609375, the range that the number format holds',
    );
    const pixels = () => quantiseInputs(spec, [0, 254.75, 3], 'data.x');
    expect(pixels).toThrow(/^data\.x has .*divide by 255/s);
    for (const [call, secret] of [
      [pixels, '254.75'],
      [() => quantiseWeight(300.25, { scale: 4, limit: 8 }, 'a/kernel'), '300.25'],
    ] as const) {
      let text = '';
      try {
        call();
      } catch (e) {
        text = `${String(e)} ${JSON.stringify(e)}`;
      }
      expect(text).toContain('VALUE_OUT_OF_RANGE');
      expect(text).not.toContain(secret);
      // Neither how far it is out of range, which says the same.
      expect(text).not.toMatch(/238|239|292|excess/);
    }
    expect(() => quantiseInputs(spec, [0, Number.NaN, 0])).toThrow(
      expect.objectContaining({ code: 'VALUE_NOT_FINITE' }),
    );
    expect(() => quantiseInputs(spec, [0, 1])).toThrow(expect.objectContaining({ code: 'DATA_SHAPE' }));
  });

  it('takes one-hot labels only for softmax cross-entropy', () => {
    expect([...quantiseLabels(spec, [0, 1, 1, 0])]).toEqual([0, 1, 1, 0]);
    for (const bad of [
      [0, 0],
      [1, 1],
      [0.5, 0.5],
      [2, -1],
      [Number.NaN, 1],
    ]) {
      expect(() => quantiseLabels(spec, bad)).toThrow(
        expect.objectContaining({ code: 'LABELS_NOT_ONE_HOT' }),
      );
    }
  });

  it('scales labels of mean squared error', () => {
    const mse: SpecNumbers = { ...spec, loss: 'meanSquaredError', yOffset: 2048 };
    expect([...quantiseLabels(mse, [-1, 0.25])]).toEqual([-256, 64]);
  });
});
