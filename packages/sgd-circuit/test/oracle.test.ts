import { describe, expect, it } from 'vitest';
import {
  floorDiv,
  OracleRange,
  type OracleSpec,
  oraclePredict,
  oracleStep,
  roundShift,
  softmaxDelta,
} from './oracle.js';
import { expHigh, expLow, expNegative } from './oracle-exp.js';

const scales = { a: 8, d: 14, e: 14, b: 12, p: 12 };

function single(loss: OracleSpec['loss'], outputs: number): OracleSpec {
  const activation = loss === 'softmaxCrossEntropy' ? 'softmax' : 'linear';
  return { layers: [{ inputs: 2, outputs, activation, bias: true }], loss, batch: 1, scales };
}

describe('rounding', () => {
  it('rounds halves up on both sides of zero', () => {
    expect([-3n, -2n, -1n, 0n, 1n, 2n, 3n].map((v) => roundShift(v, 1))).toEqual([
      -1n,
      -1n,
      0n,
      0n,
      1n,
      1n,
      2n,
    ]);
    expect([-6n, -5n, -2n, -1n, 1n, 2n, 5n, 6n].map((v) => roundShift(v, 2))).toEqual([
      -1n,
      -1n,
      0n,
      0n,
      0n,
      1n,
      1n,
      2n,
    ]);
  });

  it('floors quotients', () => {
    expect([-5n, -4n, -1n, 0n, 3n, 4n].map((v) => floorDiv(v, 4n))).toEqual([-2n, -1n, -1n, 0n, 0n, 1n]);
  });

  it('agrees with an arithmetic shift', () => {
    for (let v = -300n; v <= 300n; v += 1n) expect(roundShift(v, 5)).toBe((v + 16n) >> 5n);
  });
});

describe('exponential tables', () => {
  it('reproduces the decimal digits of 1/e', () => {
    const digits = (expNegative(1n, 1n) * 10n ** 40n) >> 192n;
    expect(digits.toString().slice(0, 35)).toBe('36787944117144232159552377016146086');
  });

  it('is within half a unit of the double-precision exponential', () => {
    for (let h = 0; h < 60; h += 1) {
      expect(Math.abs(Number(expHigh(12, BigInt(h))) - 4095 * Math.exp(-h / 4))).toBeLessThanOrEqual(
        0.5 + 1e-9,
      );
    }
    for (let l = 0; l < 64; l += 1) {
      expect(Math.abs(Number(expLow(12, 8, BigInt(l))) - 4095 * Math.exp(-l / 256))).toBeLessThanOrEqual(
        0.5 + 1e-9,
      );
    }
  });

  it('starts at the full value and reaches zero', () => {
    expect(expHigh(12, 0n)).toBe(4095n);
    expect(expHigh(12, 36n)).toBe(1n);
    expect(expHigh(12, 37n)).toBe(0n);
    expect(expHigh(14, 16383n)).toBe(0n);
    expect(expLow(9, 8, 0n)).toBe(511n);
  });
});

describe('softmax', () => {
  const spec = single('softmaxCrossEntropy', 4);

  it('gives equal logits equal probabilities', () => {
    expect(softmaxDelta(spec, [7n, 7n, 7n, 7n], [0n, 1n, 0n, 0n])).toEqual([
      4096n,
      4096n - 16384n,
      4096n,
      4096n,
    ]);
  });

  it('does not depend on a common shift of the logits', () => {
    const z = [100n, -300n, 17n, 90n];
    const y = [0n, 0n, 0n, 1n];
    expect(
      softmaxDelta(
        spec,
        z.map((v) => v - 5000n),
        y,
      ),
    ).toEqual(softmaxDelta(spec, z, y));
  });

  it('is close to the real softmax', () => {
    const z = [1.5, -0.25, 0.75, 2];
    const exps = z.map((v) => Math.exp(v));
    const sum = exps.reduce((s, v) => s + v);
    const delta = softmaxDelta(
      spec,
      z.map((v) => BigInt(v * 256)),
      [0n, 0n, 0n, 0n],
    );
    delta.forEach((v, i) => {
      expect(Math.abs(Number(v) / 16384 - (exps[i] as number) / sum)).toBeLessThan(2 ** -11);
    });
  });

  it('refuses logits too far apart', () => {
    expect(() => softmaxDelta(spec, [1n << 18n, 0n, 0n, 0n], [1n, 0n, 0n, 0n])).toThrow(OracleRange);
    expect(softmaxDelta(spec, [(1n << 18n) - 1n, 0n, 0n, 0n], [1n, 0n, 0n, 0n])).toEqual([0n, 0n, 0n, 0n]);
  });
});

describe('one step', () => {
  const w = 2 ** 36;
  const ints = (values: number[], scale: number) => values.map((v) => BigInt(Math.round(v * scale)));

  it('does a mean-squared-error step that a person can check', () => {
    // z = 0.5*1 - 0.25*2 + 1 = 1; delta = z - y = 0.5; W -= lr * delta * x; lr = 0.5
    const spec = single('meanSquaredError', 1);
    const { weights, logits } = oracleStep(
      spec,
      ints([0.5, -0.25, 1], w),
      [ints([1, 2], 256)],
      [ints([0.5], 256)],
      8192n,
    );
    expect(logits).toEqual([[256n]]);
    expect(weights).toEqual(ints([0.5 - 0.25, -0.25 - 0.5, 1 - 0.25], w));
  });

  it('masks the gradient where z is exactly zero, and passes it through a linear unit', () => {
    const layers = (activation: 'relu' | 'linear'): OracleSpec => ({
      layers: [
        { inputs: 1, outputs: 1, activation, bias: false },
        { inputs: 1, outputs: 1, activation: 'linear', bias: false },
      ],
      loss: 'meanSquaredError',
      batch: 1,
      scales,
    });
    const flat = ints([0, 1], w);
    const x = [[256n]];
    const y = [[-256n]];
    expect(oracleStep(layers('relu'), flat, x, y, 16384n).weights).toEqual(flat);
    expect(oracleStep(layers('linear'), flat, x, y, 16384n).weights).toEqual(ints([-1, 1], w));
  });

  it('uses the weights before the step on the way back', () => {
    const spec: OracleSpec = {
      layers: [
        { inputs: 1, outputs: 1, activation: 'relu', bias: true },
        { inputs: 1, outputs: 1, activation: 'linear', bias: true },
      ],
      loss: 'meanSquaredError',
      batch: 1,
      scales,
    };
    // h = 1, z = 2, delta = 1; W2 -= 1*1, b2 -= 1; g = old W2 * 1 = 2; W1 -= 2, b1 -= 2
    const { weights } = oracleStep(spec, ints([1, 0, 2, 0], w), [[256n]], [[256n]], 16384n);
    expect(weights).toEqual(ints([-1, -2, 1, -1], w));
  });

  it('refuses a pre-activation one beyond the range and takes the last inside', () => {
    const spec = single('meanSquaredError', 1);
    const top = (1n << 23n) - 1n;
    const flat = [top << 28n, 0n, 0n];
    expect(oraclePredict(spec, flat, [[256n, 0n]])).toEqual([[top]]);
    expect(() => oraclePredict(spec, [(top + 1n) << 28n, 0n, 0n], [[256n, 0n]])).toThrow(OracleRange);
    expect(oraclePredict(spec, [-((top + 1n) << 28n), 0n, 0n], [[256n, 0n]])).toEqual([[-top - 1n]]);
  });

  it('refuses a wrong number of weights', () => {
    const spec = single('meanSquaredError', 1);
    expect(() => oraclePredict(spec, [0n, 0n], [[0n, 0n]])).toThrow('too few');
    expect(() => oraclePredict(spec, [0n, 0n, 0n, 0n], [[0n, 0n]])).toThrow('too many');
  });
});
