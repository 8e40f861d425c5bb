/** The oracle's optimisers on numbers that a person can check, and at the ends of their ranges. */
import { describe, expect, it } from 'vitest';
import { OracleRange } from '../../sgd-circuit/test/oracle.js';
import {
  OracleRate,
  type OracleRule,
  oraclePower,
  oracleRate,
  oracleSqrt,
  oracleStates,
  oracleUnit,
  oracleUpdate,
  type TrainedWeight,
  type UpdateSpec,
} from './oracleOptimizer.js';

const scales = { a: 8, d: 14, e: 14, b: 12, p: 12 };

function specOf(optimizer: OracleRule | undefined, adapters = [{ rank: 1, alpha: 1 }]): UpdateSpec {
  return {
    layers: [{ inputs: 1, outputs: 1, activation: 'linear', bias: false }],
    loss: 'meanSquaredError',
    batch: 1,
    scales,
    lora: { adapters, ...(optimizer && { optimizer }) },
  };
}

const inA: TrainedWeight = { rank: 1, alpha: 1, matrix: 'A', gradient: 0n };
/** One weight of A with gradient `gradient`. */
const step = (optimizer: OracleRule, flat: bigint[], gradient: bigint, eta = 1000n, number = 0n) =>
  oracleUpdate(specOf(optimizer), flat, [{ ...inA, gradient }], eta, number);

describe('weight decay', () => {
  it('takes a share of the weight away, half rounded up', () => {
    const share = (w: bigint, decay: number) => step({ rule: 'sgd', decay }, [w], 0n)[0];
    // 3 / 2^24 of 2^30 is 192.
    expect(share(1n << 30n, 3)).toBe((1n << 30n) - 192n);
    expect(share(-(1n << 30n), 3)).toBe(-(1n << 30n) + 192n);
    // Half of one is one, half of minus one is nothing.
    expect(share(1n << 23n, 1)).toBe((1n << 23n) - 1n);
    expect(share(-(1n << 23n), 1)).toBe(-(1n << 23n));
    expect(share(-(1n << 23n) - 1n, 1)).toBe(-(1n << 23n));
  });

  it('refuses a share beyond L limbs', () => {
    // Three limbs of 12 bits: 2^35; a weight of 2^40 loses 2^19 2^16.
    const of = (w: bigint) => () => step({ rule: 'sgd', decay: 2 ** 19 }, [w], 0n);
    expect(of((1n << 40n) - 32n)).not.toThrow();
    expect(of(1n << 40n)).toThrow(OracleRange);
    expect(of(-(1n << 40n))).not.toThrow();
    expect(of(-(1n << 40n) - 32n)).toThrow('weight decay');
  });
});

describe('momentum', () => {
  const half: OracleRule = { rule: 'momentum', momentum: 2048, decay: 0 };

  it('is kept in part, and moves the weight', () => {
    // M' = round(5 / 2) + 10 = 13
    expect(step(half, [7n, 5n], 10n)).toEqual([7n - 13000n, 13n]);
    // M' = round(-5 / 2) - 10 = -12
    expect(step(half, [7n, -5n], -10n)).toEqual([7n + 12000n, -12n]);
    // Weight decay beside it: 3 / 2^24 of 2^24.
    expect(step({ ...half, decay: 3 }, [1n << 24n, 0n], 1n)).toEqual([(1n << 24n) - 1000n - 3n, 1n]);
  });

  it("moves B' by alpha^2 / rank^2 as much", () => {
    const b: TrainedWeight = { rank: 2, alpha: 6, matrix: 'B', gradient: 10n };
    const spec = specOf(half, [{ rank: 2, alpha: 6 }]);
    expect(oracleUpdate(spec, [0n, 0n], [b], 7n, 0n)).toEqual([-630n, 10n]);
  });

  it('refuses M beyond L limbs', () => {
    const to = (m: bigint) => () => step(half, [0n, 0n], m);
    expect(to((1n << 35n) - 1n)).not.toThrow();
    expect(to(1n << 35n)).toThrow('M');
    expect(to(-(1n << 35n))).not.toThrow();
    expect(to(-(1n << 35n) - 1n)).toThrow(OracleRange);
  });

  it('needs a checkpoint with its state', () => {
    expect(() => step(half, [0n], 0n)).toThrow('checkpoint');
    expect([undefined, half].map(oracleStates)).toEqual([0, 1]);
  });
});

describe('Adam', () => {
  const adam: OracleRule = { rule: 'adam', beta1: 3072, beta2: 4032, epsilon: 3, decay: 0 };

  it('is the step that a person computes', () => {
    // x = 2, so g = 4000. m' = 1000 / 4 * 3 + 4000 / 4 = 1750; v' = (63 * 4000^2 + 4000^2) / 64 = 4000^2, root 4000.
    // t = 1: sqrt(1/64) / (1/4) = 1/2. U = 1750 / 4003 = 0.437172 in 2^14ths: 7162.6.
    expect(step(adam, [10n, 1000n, 16000000n], 1000n)).toEqual([10n - 500n * 7163n, 1750n, 16000000n]);
    expect(step(adam, [10n, -1000n, 16000000n], -1000n)).toEqual([10n + 500n * 7163n, -1750n, 16000000n]);
    // Decay of a thirty-second, of the weight before the step.
    const after = step({ ...adam, decay: 1 << 19 }, [1n << 30n, 1000n, 16000000n], 1000n);
    expect(after[0]).toBe((1n << 30n) - 500n * 7163n - (1n << 25n));
  });

  it("moves B' by alpha / rank as much, with an epsilon of rank / alpha", () => {
    const b: TrainedWeight = { rank: 2, alpha: 1, matrix: 'B', gradient: 1000n };
    const spec = specOf(adam, [{ rank: 2, alpha: 1 }]);
    // Multiples of two: 500. Epsilon 6: 1750 / 4006 in 2^14ths is 7157.3.
    expect(oracleUpdate(spec, [0n, 1000n, 16000000n], [b], 1000n, 0n)[0]).toBe(-250n * 7157n);
    // Epsilon 3 / 7 and less is one.
    const seven = { ...b, rank: 1, alpha: 7 };
    const other = specOf(adam, [{ rank: 1, alpha: 7 }]);
    // 1750 / 4001 in 2^14ths is 7166.2.
    expect(oracleUpdate(other, [0n, 1000n, 16000000n], [seven], 1000n, 0n)[0]).toBe(-3500n * 7166n);
  });

  it('refuses what leaves its range', () => {
    const slow: OracleRule = { rule: 'adam', beta1: 4095, beta2: 4095, epsilon: 1, decay: 0 };
    const wrong = (flat: bigint[], gradient: bigint) => () => step(slow, flat, gradient);
    // v' = 2^-12 g^2 < 2^62: g below 2^37, a quarter of it given.
    expect(wrong([0n, 0n, 0n], (1n << 35n) - 1n)).not.toThrow();
    expect(wrong([0n, 0n, 0n], 1n << 35n)).toThrow('v');
    expect(wrong([0n, 0n, 0n], 1n << 38n)).toThrow('gradient');
    // m of 2^35 is refused, whatever it comes from.
    expect(wrong([0n, (1n << 35n) - 1n, 1n << 60n], 0n)).not.toThrow();
    expect(wrong([0n, (1n << 35n) + (1n << 24n), 1n << 60n], 0n)).toThrow('m');
    // U of two limbs: 2^23 / 2^14 = 512 times the root and epsilon, whose sum is 1.
    const u = (m: bigint) => () => step({ ...slow, beta2: 1 }, [0n, m, 0n], 0n);
    expect(u(512n)).toThrow('U');
    expect(u(511n)).not.toThrow();
    expect(u(-512n)).not.toThrow();
    expect(u(-513n)).toThrow(OracleRange);
  });

  it('has a divisor of L limbs', () => {
    // Three limbs of 11 bits: 2 (s + epsilon) < 2^32, and s may be up to 2^31.
    const eleven = { ...specOf({ ...adam, beta1: 2047, beta2: 2047, epsilon: 2 ** 30 - 1 }) };
    const spec = { ...eleven, scales: { ...scales, b: 11, p: 11 } };
    const root = (s: bigint) => () => oracleUpdate(spec, [0n, 0n, s * s], [inA], 1n, 0n);
    expect(root(1n << 30n)).not.toThrow();
    expect(root((1n << 30n) + (1n << 29n))).toThrow('divisor');
  });
});

describe('rates of Adam', () => {
  it('are multiples of what makes the rate of every B an integer', () => {
    const unit = (...adapters: { rank: number; alpha: number }[]) => oracleUnit(specOf(undefined, adapters));
    expect(unit({ rank: 4, alpha: 8 })).toBe(1n);
    expect(unit({ rank: 4, alpha: 6 }, { rank: 3, alpha: 1 })).toBe(6n);
    const adam = { rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 1, decay: 0 } as const;
    const rate = (rank: number) => oracleRate(specOf(adam, [{ rank, alpha: 1 }]), adam, 4194n, 1n);
    expect(rate(64) % 64n).toBe(0n);
    expect(() => rate(65)).toThrow(OracleRate);
  });

  it('are the bias correction of both moments', () => {
    for (const [beta1, beta2] of [
      [3686, 4092],
      [1, 4095],
      [4095, 1],
    ] as const) {
      const adam = { rule: 'adam', beta1, beta2, epsilon: 1, decay: 0 } as const;
      for (const t of [1, 2, 3, 10, 99, 1000, 100_000]) {
        for (const rank of [1, 2, 60]) {
          const got = Number(oracleRate(specOf(adam, [{ rank, alpha: 1 }]), adam, 4194n, BigInt(t)));
          const wanted = (4194 * Math.sqrt(1 - (beta2 / 4096) ** t)) / (1 - (beta1 / 4096) ** t);
          expect(Math.abs(got - wanted)).toBeLessThanOrEqual(rank / 2 + wanted * 1e-9);
          expect(got % rank).toBe(0);
        }
      }
    }
  });

  it('rest on roots and powers that are exact to their last unit', () => {
    for (const v of [0n, 1n, 2n, 3n, 4n, 8n, 9n, 10n ** 40n - 1n, 10n ** 40n, 10n ** 40n + 1n]) {
      const s = oracleSqrt(v);
      expect(s * s <= v && (s + 1n) * (s + 1n) > v).toBe(true);
    }
    expect(oraclePower(2048, 12, 10n)).toBe(1n << 50n);
    expect(oraclePower(2048, 12, 60n)).toBe(1n);
    expect(oraclePower(2048, 12, 61n)).toBe(0n);
    expect(oraclePower(4095, 12, 0n)).toBe(1n << 60n);
  });
});
