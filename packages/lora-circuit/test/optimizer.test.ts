/** Hyperparameters as the circuit's integers, and the checkpoints and rates that follow from them. */
import {
  checkpointCount,
  etaToLearningRate,
  learningRateToEta,
  MAX_ADAM_ETA,
  MAX_ETA,
  type Optimizer,
  profiles,
  type SgdSpec,
} from '@proof-of-training/sgd-circuit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adapterCount,
  adapterRate,
  dequantiseAdapters,
  type Hyperparameters,
  initialCheckpoint,
  optimizerNumbers,
  quantiseAdapters,
} from '../src/index.js';

type Spec = Pick<SgdSpec, 'layers' | 'loss' | 'batch' | 'scales' | 'lora'>;

/** 3 -> 4 -> 2 with adapters of both layers, batch of four, mean over classes. */
const spec: Spec = {
  layers: [
    { inputs: 3, outputs: 4, activation: 'relu', bias: true },
    { inputs: 4, outputs: 2, activation: 'softmax', bias: true },
  ],
  loss: 'softmaxCrossEntropy',
  batch: 4,
  scales: profiles.default,
  lora: {
    adapters: [
      { rank: 2, alpha: 4 },
      { rank: 1, alpha: 1 },
    ],
    baseBits: 16,
    local: false,
  },
};
const compact = { ...spec, scales: profiles.compact };
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });
const refused = (s: Parameters<typeof optimizerNumbers>[0], h: object, c: string, said: RegExp) => {
  expect(() => optimizerNumbers(s, h as Hyperparameters)).toThrow(code(c));
  expect(() => optimizerNumbers(s, h as Hyperparameters)).toThrow(said);
};

describe('the integers of a rule', () => {
  it('of plain SGD are none', () => {
    const { lora, ...plain } = spec;
    for (const s of [spec, plain]) {
      expect(optimizerNumbers(s, { type: 'sgd', learningRate: 0.1 })).toEqual({
        optimizer: undefined,
        rate: { eta: 410n, effective: 410 / 4096 },
        effective: { type: 'sgd', learningRate: 410 / 4096, weightDecay: 0 },
        deviations: [],
      });
    }
  });

  it('of SGD with weight decay are the share that a step takes away', () => {
    // 2^24 * 0.1 * 0.01 = 16777.2
    const { optimizer, effective } = optimizerNumbers(spec, {
      type: 'sgd',
      learningRate: 0.1,
      weightDecay: 0.01,
    });
    expect(optimizer).toEqual({ rule: 'sgd', decay: 16777 });
    expect(effective.learningRate * effective.weightDecay).toBeCloseTo(0.001, 7);
  });

  it('of momentum are those at scale b', () => {
    // 0.9 * 2^12 = 3686.4; 0.9 is the default.
    for (const momentum of [undefined, 0.9]) {
      const found = optimizerNumbers(spec, { type: 'momentum', learningRate: 0.1, momentum });
      expect(found.optimizer).toEqual({ rule: 'momentum', momentum: 3686, decay: 0 });
      expect(found.effective).toEqual({
        type: 'momentum',
        learningRate: 410 / 4096,
        momentum: 3686 / 4096,
        weightDecay: 0,
      });
      expect(found.deviations).toEqual([]);
    }
  });

  it("of AdamW are PyTorch's defaults, the decay apart", () => {
    const found = optimizerNumbers(spec, { type: 'adamw', learningRate: 1e-3, weightDecay: 0.01 });
    // 0.999 * 4096 = 4091.9; sqrt(2048 / 4) = 22.6; 2^24 * 1e-5 = 167.8; 2^22 * 1e-3 = 4194.3
    expect(found.optimizer).toEqual({ rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 23, decay: 168 });
    expect(found.rate.eta).toBe(4194n);
    expect(found.rate.effective).toBe(4194 / 2 ** 22);
    expect(found.effective).toMatchObject({ beta1: 3686 / 4096, beta2: 4092 / 4096, epsilon: 23 / 2 ** 26 });
    expect(found.effective.weightDecay).toBeCloseTo(0.01, 4);
    // 4/4096 in place of 1/1000, and 3.4e-7 in place of 1e-8.
    expect(found.deviations.map((d) => d.name)).toEqual(['beta2', 'epsilon']);
    expect(found.deviations[0]!.relative).toBeCloseTo(1 - 4000 / 4096, 9);
    expect(found.deviations[1]).toMatchObject({ requested: 1e-8, effective: 23 / 2 ** 26 });
    // With one more bit than the gradient's 24 epsilon has that bit too: 2^26 * 1e-6 * 4 = 268.
    const precise = { ...spec, scales: profiles.precise };
    expect(optimizerNumbers(precise, { type: 'adamw', learningRate: 1e-3, epsilon: 1e-6 }).optimizer).toEqual(
      {
        rule: 'adam',
        beta1: 14746,
        beta2: 16368,
        epsilon: 268,
        decay: 0,
      },
    );
  });

  it("have an epsilon at the circuit's scale of the gradient", () => {
    const epsilon = (s: Spec) => {
      const { optimizer } = optimizerNumbers(s, { type: 'adamw', learningRate: 1e-3, epsilon: 1e-4 });
      return optimizer?.rule === 'adam' ? optimizer.epsilon : undefined;
    };
    // 2^24 * 1e-4 = 1677.7; times the batch of 4; times 4 * 2 / 2; layer-local as it is.
    expect(epsilon(spec)).toBe(6711);
    expect(epsilon({ ...spec, batch: 1 })).toBe(1678);
    expect(epsilon({ ...spec, loss: 'meanSquaredError', batch: 32 })).toBe(53687);
    const layers: Spec['layers'] = [{ inputs: 3, outputs: 4, activation: 'linear', bias: false }];
    expect(
      epsilon({
        ...spec,
        layers,
        loss: 'meanSquaredError',
        lora: { adapters: [{ rank: 2, alpha: 4 }], baseBits: 0, local: true },
      }),
    ).toBe(1678);
  });

  it('have an epsilon that v does not round away, or the one that is asked for', () => {
    const found = (s: Spec, more: object = {}) => {
      const { optimizer, effective, deviations } = optimizerNumbers(s, {
        type: 'adamw',
        learningRate: 1e-3,
        ...more,
      });
      if (optimizer?.rule !== 'adam') throw new Error('not Adam');
      const told = deviations.find((d) => d.name === 'epsilon');
      return { epsilon: optimizer.epsilon, effective: effective.epsilon, told };
    };
    // sqrt(256 / 1), sqrt(8192 / 16), sqrt(2048 / 41), sqrt(2048 / 1).
    expect(found(compact).epsilon).toBe(16);
    expect(found({ ...spec, scales: profiles.precise }).epsilon).toBe(23);
    expect(found(spec, { beta2: 0.99 }).epsilon).toBe(8);
    expect(found(spec, { beta2: 4095 / 4096 }).epsilon).toBe(46);
    // One that is given is kept, and so is 1e-8 where it is more: 2^24 * 1e-8 * 512 = 85.9.
    expect(found(spec, { epsilon: undefined }).epsilon).toBe(23);
    expect(found(spec, { epsilon: 1e-8 })).toMatchObject({ epsilon: 1, effective: 2 ** -26 });
    expect(found(spec, { epsilon: 0 }).epsilon).toBe(1);
    const large = found({ ...spec, batch: 512 });
    expect(large).toMatchObject({ epsilon: 86, told: undefined });
    expect(large.effective).toBeCloseTo(1e-8, 10);
    expect(found({ ...spec, batch: 64 }).told).toMatchObject({
      requested: 1e-8,
      effective: 23 / 2 ** 30,
      relative: (23 / 2 ** 30 - 1e-8) / 1e-8,
    });
  });

  it('take the place of those that the specification has', () => {
    const adam: Optimizer = { rule: 'adam', beta1: 1, beta2: 1, epsilon: 1, decay: 0 };
    const with_ = { ...spec, lora: { ...spec.lora!, optimizer: adam } };
    for (const h of [
      { type: 'sgd', learningRate: 0.1 },
      { type: 'adamw', learningRate: 1e-3 },
    ] as const) {
      expect(optimizerNumbers(with_, h)).toEqual(optimizerNumbers(spec, h));
    }
  });

  it('stay near what was asked for, in every profile: or the difference is told', () => {
    const factor = fc.double({ min: 0.01, max: 0.9999, noNaN: true });
    const seen = { deviant: 0, near: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(profiles)),
        fc.record({
          beta1: factor,
          beta2: factor,
          weightDecay: fc.double({ min: 1e-4, max: 0.3, noNaN: true }),
        }),
        fc.double({ min: 1e-5, max: 1e-3, noNaN: true }),
        (scales, values, learningRate) => {
          const asked = { type: 'adamw', learningRate, epsilon: 1e-4, ...values } as const;
          try {
            const { effective, deviations } = optimizerNumbers({ ...spec, scales }, asked);
            for (const name of ['beta1', 'beta2', 'weightDecay', 'epsilon'] as const) {
              const rest = (v: number) => (name.startsWith('beta') ? 1 - v : v);
              const off = Math.abs(rest(effective[name]!) - rest(asked[name])) / rest(asked[name]);
              const told = deviations.find((d) => d.name === name);
              expect(told !== undefined).toBe(off > 0.01);
              if (told) seen.deviant++;
              else seen.near++;
            }
          } catch (e) {
            const { code: c, details } = e as { code?: string; details: { name?: string; nearest: number } };
            if (c === 'LEARNING_RATE_UNREPRESENTABLE') return;
            expect(c).toBe('OPTIMIZER_UNREPRESENTABLE');
            // The nearest value is taken.
            const again = { ...asked, [details.name!]: details.nearest };
            try {
              optimizerNumbers({ ...spec, scales }, again);
            } catch (other) {
              expect((other as { details: { name?: string } }).details.name).not.toBe(details.name);
            }
            seen.refused++;
          }
        },
      ),
      { numRuns: 1000, seed: 8 },
    );
    expect(Math.min(seen.deviant, seen.near, seen.refused)).toBeGreaterThan(20);
  });
});

describe('what is refused', () => {
  const adamw = { type: 'adamw', learningRate: 1e-3 };

  it('values out of range, and values that the rule does not have', () => {
    for (const bad of [-0.1, 1, 1.5, Number.NaN, '0.9', null]) {
      refused(spec, { ...adamw, beta1: bad }, 'OPTIMIZER_INVALID', /beta1/);
      refused(spec, { type: 'momentum', learningRate: 0.1, momentum: bad }, 'OPTIMIZER_INVALID', /momentum/);
    }
    for (const bad of [-1e-9, Number.POSITIVE_INFINITY, Number.NaN]) {
      refused(spec, { ...adamw, epsilon: bad }, 'OPTIMIZER_INVALID', /epsilon/);
      refused(spec, { ...adamw, weightDecay: bad }, 'OPTIMIZER_INVALID', /weightDecay/);
      refused(spec, { ...adamw, learningRate: bad }, 'LEARNING_RATE_INVALID', /learning rate/);
    }
    refused(spec, { type: 'adam', learningRate: 0.1 }, 'OPTIMIZER_INVALID', /no optimizer adam/);
    refused(spec, { type: 'toString', learningRate: 0.1 }, 'OPTIMIZER_INVALID', /no optimizer/);
    refused(
      spec,
      { type: 'sgd', learningRate: 0.1, momentum: 0.9 },
      'OPTIMIZER_INVALID',
      /sgd has no momentum/,
    );
    refused(
      spec,
      { type: 'momentum', learningRate: 0.1, nesterov: true },
      'OPTIMIZER_INVALID',
      /no nesterov/,
    );
    refused(spec, { type: 'sgd' }, 'LEARNING_RATE_INVALID', /undefined/);
  });

  it('factors that would become 0 or 1', () => {
    refused(compact, { ...adamw, beta2: 0.9999 }, 'OPTIMIZER_UNREPRESENTABLE', /0\.998046875.*14 bits/s);
    optimizerNumbers(compact, { ...adamw, beta2: 0.998046875 } as Hyperparameters);
    refused(spec, { ...adamw, beta2: 0.9999999 }, 'OPTIMIZER_UNREPRESENTABLE', /Use 0\.999755859375\./);
    refused(spec, { ...adamw, beta1: 0 }, 'OPTIMIZER_UNREPRESENTABLE', /become 0/);
    refused(spec, { type: 'momentum', learningRate: 0.1, momentum: 0 }, 'OPTIMIZER_UNREPRESENTABLE', /'sgd'/);
  });

  it('a decay that would be nothing, or a sixteenth of a weight in each step', () => {
    // 2^18 * 1e-3 * 1e-3 = 0.26
    refused(compact, { ...adamw, weightDecay: 1e-3 }, 'OPTIMIZER_UNREPRESENTABLE', /take nothing/);
    const { details } = (() => {
      try {
        optimizerNumbers(compact, { ...adamw, weightDecay: 1e-3 } as Hyperparameters);
      } catch (e) {
        return e as { details: { nearest: number } };
      }
      throw new Error('taken');
    })();
    expect(
      optimizerNumbers(compact, { ...adamw, weightDecay: details.nearest } as Hyperparameters).optimizer
        ?.decay,
    ).toBe(1);
    const sgd = { type: 'sgd', learningRate: 0.125 };
    refused(spec, { ...sgd, weightDecay: 0.5 }, 'OPTIMIZER_UNREPRESENTABLE', /sixteenth/);
    const most = { ...sgd, weightDecay: 0.5 - 2 ** -21 } as Hyperparameters;
    expect(optimizerNumbers(spec, most).optimizer?.decay).toBe(2 ** 20 - 1);
  });

  it('an epsilon that has no integer', () => {
    refused(spec, { ...adamw, epsilon: 16 }, 'OPTIMIZER_UNREPRESENTABLE', /epsilon/);
    optimizerNumbers(spec, { ...adamw, epsilon: 15.9 } as Hyperparameters);
  });

  it('in tolerance mode', () => {
    const { lora, ...plain } = spec;
    refused({ ...plain, mode: 'tolerance' }, adamw, 'OPTIMIZER_MODE', /exact/);
    refused({ ...spec, mode: 'tolerance' }, adamw, 'OPTIMIZER_MODE', /exact/);
    optimizerNumbers({ ...spec, mode: 'tolerance' }, { type: 'sgd', learningRate: 0.1 });
  });
});

describe("Adam's learning rate", () => {
  const adam: Optimizer = { rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 1, decay: 0 };
  const on = (
    adapters: { rank: number; alpha: number }[],
    scales = profiles.default as Spec['scales'],
  ): Spec => ({
    ...spec,
    scales,
    lora: { adapters: [...adapters], baseBits: 16, local: false, optimizer: adam },
  });
  const even = on([
    { rank: 2, alpha: 4 },
    { rank: 1, alpha: 1 },
  ]);

  it('is 2^(a+d) lr whatever the loss, and has no B of its own', () => {
    expect(learningRateToEta(even, 0.01)).toEqual({ eta: 41943n, effective: 41943 / 2 ** 22 });
    expect(learningRateToEta({ ...even, loss: 'meanSquaredError', batch: 64 }, 0.01).eta).toBe(41943n);
    expect(learningRateToEta(on(even.lora!.adapters as [], profiles.precise), 1e-3).eta).toBe(67109n);
    expect(etaToLearningRate(even, 41943n)).toBe(41943 / 2 ** 22);
    expect(adapterRate(even, 0.01)).toEqual({ eta: 41943n, effective: 41943 / 2 ** 22, etaB: [null, null] });
    // The same adapters with momentum: the rate of a mean over four samples, and its B's.
    const momentum = {
      ...even,
      lora: { ...even.lora!, optimizer: { rule: 'momentum', momentum: 1, decay: 0 } },
    };
    expect(adapterRate(momentum as Spec, 0.01).etaB).toEqual([164n, 41n]);
  });

  it('lies in 1 .. 2^20 - 1, within 1 %', () => {
    expect(learningRateToEta(even, 50 / 2 ** 22).eta).toBe(50n);
    expect(learningRateToEta(even, (MAX_ADAM_ETA - 1) / 2 ** 22).eta).toBe(1048575n);
    expect(learningRateToEta(even, 0.249).eta).toBe(1044382n);
    for (const rate of [1e-8, 2.5 / 2 ** 22, 0.2526]) {
      expect(() => learningRateToEta(even, rate)).toThrow(code('LEARNING_RATE_UNREPRESENTABLE'));
    }
    expect(() => learningRateToEta(even, 0.3)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('below 2^(20 - a - d)') }),
    );
    // Momentum's stays below 2^17 = 2^14 8.
    const momentum: Optimizer = { rule: 'momentum', momentum: 1, decay: 0 };
    const other = on([{ rank: 1, alpha: 1 }]);
    const slow = { ...other, batch: 1, lora: { ...other.lora!, optimizer: momentum } };
    expect(learningRateToEta(slow, 8).eta).toBe(BigInt(MAX_ETA - 1));
    expect(() => learningRateToEta(slow, 9)).toThrow(code('LEARNING_RATE_UNREPRESENTABLE'));
    expect(() => learningRateToEta(even, 0)).toThrow(code('LEARNING_RATE_INVALID'));
  });

  it('needs no divisor of B, only rates that the steps can round to', () => {
    // 3 / gcd(3, 2) = 3, and 4 / gcd(4, 6) = 2: multiples of 6 in each step.
    const odd = on([
      { rank: 3, alpha: 2 },
      { rank: 4, alpha: 6 },
    ]);
    expect(learningRateToEta(odd, 1001 / 2 ** 22).eta).toBe(1001n);
    // 21 is between 18 and 24, 14 % from either.
    expect(() => learningRateToEta(odd, 21 / 2 ** 22)).toThrow(
      expect.objectContaining({
        code: 'LEARNING_RATE_UNREPRESENTABLE',
        details: expect.objectContaining({
          nearest: 24 / 2 ** 22,
          step: 6 / 2 ** 22,
          largest: 1048572 / 2 ** 22,
        }),
      }),
    );
    expect(learningRateToEta(odd, 24 / 2 ** 22).eta).toBe(24n);
    expect(() => learningRateToEta(odd, 2 / 2 ** 22)).toThrow(code('LEARNING_RATE_UNREPRESENTABLE'));
  });

  it('is none where the steps would round to more than 64', () => {
    expect(learningRateToEta(on([{ rank: 64, alpha: 1 }]), 0.01).eta).toBe(41943n);
    const ranks = on([
      { rank: 13, alpha: 1 },
      { rank: 5, alpha: 1 },
    ]);
    expect(() => learningRateToEta(ranks, 0.01)).toThrow(/multiples of 65/);
    expect(() => learningRateToEta(ranks, 0.01)).toThrow(code('LEARNING_RATE_UNREPRESENTABLE'));
    expect(() => optimizerNumbers(ranks, { type: 'adamw', learningRate: 0.01 })).toThrow(/multiples of 65/);
  });
});

describe('checkpoints', () => {
  const name = 'l';
  const adapters = [
    { name, A: [1, 2, 3, 4, 5, 6], B: [1, 2, 3, 4, 5, 6, 7, 8] },
    { name, A: [1, 2, 3, 4], B: [1, 2] },
  ];
  const rules: (Optimizer | undefined)[] = [
    undefined,
    { rule: 'sgd', decay: 1 },
    { rule: 'momentum', momentum: 1, decay: 0 },
    { rule: 'adam', beta1: 1, beta2: 1, epsilon: 1, decay: 0 },
    { rule: 'nesterov', momentum: 1, decay: 0 },
    { rule: 'rmsprop', rho: 1, momentum: 1, epsilon: 1, decay: 0 },
  ];

  it.each(rules.map((r) => [r?.rule ?? 'no rule', r] as const))(
    'of %s begin with weights and zeros',
    (_, r) => {
      const s = { ...spec, lora: { ...spec.lora!, ...(r && { optimizer: r }) } };
      const weights = quantiseAdapters(s, adapters);
      expect(weights).toEqual(quantiseAdapters(spec, adapters));
      const first = initialCheckpoint(s, weights);
      expect(first.length).toBe(checkpointCount(s));
      expect(first.length).toBe(
        20 * { sgd: 1, momentum: 2, nesterov: 2, adam: 3, rmsprop: 3 }[r?.rule ?? 'sgd'],
      );
      expect(first.subarray(0, 20)).toEqual(weights);
      expect(first.subarray(20).every((v) => v === 0n)).toBe(true);
      expect(first.buffer).not.toBe(weights.buffer);
      // State behind the weights makes no difference to them.
      first.fill(-7n, adapterCount(s));
      expect(dequantiseAdapters(s, first)).toEqual(dequantiseAdapters(spec, weights));
    },
  );

  it('of another length are refused', () => {
    const s = { ...spec, lora: { ...spec.lora!, optimizer: rules[3]! } };
    for (const length of [0, 19, 21, 40, 59, 61]) {
      expect(() => dequantiseAdapters(s, new BigInt64Array(length))).toThrow(code('WEIGHTS_SHAPE'));
      expect(() => initialCheckpoint(s, new BigInt64Array(length))).toThrow(code('WEIGHTS_SHAPE'));
    }
    expect(() => dequantiseAdapters(spec, new BigInt64Array(60))).toThrow(code('WEIGHTS_SHAPE'));
    expect(() => initialCheckpoint(s, new BigInt64Array(60))).toThrow(code('WEIGHTS_SHAPE'));
  });
});
