import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { etaToLearningRate, learningRateToEta, MAX_ETA, profiles } from '../src/index.js';

const softmax = {
  layers: [{ inputs: 4, outputs: 10, activation: 'softmax' as const, bias: true }],
  loss: 'softmaxCrossEntropy' as const,
  batch: 32,
  scales: profiles.default,
};
const mse = {
  ...softmax,
  layers: [{ inputs: 4, outputs: 3, activation: 'linear' as const, bias: true }],
  loss: 'meanSquaredError' as const,
};

describe('learning rate', () => {
  it('folds the loss reductions in', () => {
    // 0.1 / 32 * 2^14 = 51.2
    expect(learningRateToEta(softmax, 0.1)).toEqual({ eta: 51n, effective: (51 * 32) / 2 ** 14 });
    // 2 * 0.1 / (32 * 3) * 2^14 = 34.13
    expect(learningRateToEta(mse, 0.1).eta).toBe(34n);
    expect(etaToLearningRate(mse, 34n)).toBeCloseTo(0.0996, 4);
  });

  it('stays within one per cent, or refuses with the nearest rate', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e4, noNaN: true }), (rate) => {
        try {
          const { eta, effective } = learningRateToEta(softmax, rate);
          expect(eta > 0n && eta < BigInt(MAX_ETA)).toBe(true);
          expect(Math.abs(effective - rate)).toBeLessThanOrEqual(0.01 * rate);
          expect(etaToLearningRate(softmax, eta)).toBe(effective);
        } catch (e) {
          const { code, details } = e as { code: string; details: { nearest: number } };
          expect(code).toBe('LEARNING_RATE_UNREPRESENTABLE');
          expect(learningRateToEta(softmax, details.nearest).effective).toBe(details.nearest);
        }
      }),
    );
  });

  it.each([0, -0.1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (rate) => {
    expect(() => learningRateToEta(softmax, rate)).toThrow(
      expect.objectContaining({ code: 'LEARNING_RATE_INVALID' }),
    );
  });

  it('refuses a rate that is too small and says which is the smallest', () => {
    expect(() => learningRateToEta(softmax, 0.0001)).toThrow(
      expect.objectContaining({
        code: 'LEARNING_RATE_UNREPRESENTABLE',
        details: expect.objectContaining({ nearest: 32 / 2 ** 14 }),
      }),
    );
  });
});
