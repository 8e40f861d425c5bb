/** The rule of a whole network: where it stands in a specification, its integers, and the checkpoints that follow. */
import { describe, expect, it } from 'vitest';
import {
  checkpointCount,
  dequantiseWeights,
  effectiveHyperparameters,
  initialCheckpoint,
  isAdam,
  optimizerNumbers,
  profiles,
  quantiseWeights,
  type SgdSpec,
  stateCount,
  updateRule,
  weightCount,
  withOptimizer,
} from '../src/index.js';

type Spec = Pick<SgdSpec, 'layers' | 'loss' | 'batch' | 'scales' | 'lora' | 'optimizer'>;

const spec: Spec = {
  layers: [
    { inputs: 3, outputs: 4, activation: 'relu', bias: true },
    { inputs: 4, outputs: 2, activation: 'softmax', bias: false },
  ],
  loss: 'softmaxCrossEntropy',
  batch: 4,
  scales: profiles.default,
};
const adapted: Spec = {
  ...spec,
  lora: { adapters: [{ rank: 1, alpha: 1 }, null], baseBits: 16, local: false },
};
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });

describe('the rule of a specification', () => {
  const { optimizer } = optimizerNumbers(spec, { type: 'momentum', learningRate: 0.125, momentum: 0.75 });

  it('stands at the top for a whole network, and beside the adapters for these', () => {
    expect(optimizer).toEqual({ rule: 'momentum', momentum: 3072, decay: 0 });
    expect(withOptimizer(spec, optimizer)).toEqual({ ...spec, optimizer });
    expect(withOptimizer(adapted, optimizer)).toEqual({ ...adapted, lora: { ...adapted.lora, optimizer } });
    for (const s of [spec, adapted]) {
      expect(updateRule(s)).toBeUndefined();
      const trained = withOptimizer(s, optimizer);
      expect(updateRule(trained)).toEqual(optimizer);
      expect(withOptimizer(trained, undefined)).toEqual(s);
    }
    // One at the top trains no adapters.
    expect(updateRule({ ...adapted, optimizer })).toBeUndefined();
  });

  it('gives a network the same integers as adapters', () => {
    const adamw = { type: 'adamw', learningRate: 0.01, weightDecay: 0.1 } as const;
    const [whole, own] = [optimizerNumbers(spec, adamw), optimizerNumbers(adapted, adamw)];
    expect(whole).toEqual(own);
    const trained = withOptimizer(spec, whole.optimizer);
    expect(isAdam(trained)).toBe(true);
    expect(effectiveHyperparameters(trained, whole.rate.eta)).toEqual(whole.effective);
    expect(whole.effective).toMatchObject({ type: 'adamw', beta2: 4092 / 4096 });
    expect(whole.rate.effective).toBeCloseTo(0.01, 5);
  });
});

describe('a checkpoint', () => {
  const flat = quantiseWeights(spec, [
    { name: 'a', kernel: Array.from({ length: 12 }, (_, i) => i / 16), bias: [1, 2, 3, 4] },
    { name: 'b', kernel: Array.from({ length: 8 }, (_, i) => -i / 8) },
  ]);

  it.each([
    ['plain SGD', undefined, 0],
    ['SGD with decay', { rule: 'sgd', decay: 5 } as const, 0],
    ['momentum', { rule: 'momentum', momentum: 7, decay: 0 } as const, 1],
    ['AdamW', { rule: 'adam', beta1: 1, beta2: 1, epsilon: 1, decay: 0 } as const, 2],
  ])('of %s has its states, which begin at zero and are no weights', (_, optimizer, states) => {
    const trained = withOptimizer(spec, optimizer);
    expect(stateCount(trained)).toBe(states);
    expect(checkpointCount(trained)).toBe(24 * (1 + states));
    expect(weightCount(trained)).toBe(24);
    const first = initialCheckpoint(trained, flat);
    expect(first.subarray(0, 24)).toEqual(flat);
    expect(first.subarray(24).every((v) => v === 0n)).toBe(true);
    first.fill(99n, 24);
    expect(dequantiseWeights(trained, first)).toEqual(dequantiseWeights(spec, flat));
    expect(() => dequantiseWeights(trained, new BigInt64Array(23))).toThrow(code('WEIGHTS_SHAPE'));
    expect(() => initialCheckpoint(trained, flat.subarray(1))).toThrow(code('WEIGHTS_SHAPE'));
    if (states === 0)
      expect(() => dequantiseWeights(trained, new BigInt64Array(48))).toThrow(code('WEIGHTS_SHAPE'));
  });
});
