import { profiles, type SgdSpec } from '@proof-of-training/sgd-circuit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adapterCount,
  adapterPlaces,
  adapterRate,
  dequantiseAdapters,
  quantiseAdapters,
  quantiseBase,
} from '../src/index.js';

type Spec = Pick<SgdSpec, 'layers' | 'loss' | 'batch' | 'scales' | 'lora'>;

/** 3 -> 2 (rank 1, alpha 3), 2 -> 2 (none), 2 -> 3 (rank 2, alpha 1). */
const spec: Spec = {
  layers: [
    { inputs: 3, outputs: 2, activation: 'relu', bias: true },
    { inputs: 2, outputs: 2, activation: 'relu', bias: false },
    { inputs: 2, outputs: 3, activation: 'softmax', bias: true },
  ],
  loss: 'softmaxCrossEntropy',
  batch: 4,
  scales: profiles.default,
  lora: { adapters: [{ rank: 1, alpha: 3 }, null, { rank: 2, alpha: 1 }], baseBits: 16, local: false },
};
const ONE = 2 ** 36;
const first = { name: 'first', A: [1, 2, 3], B: [4, 5] };
const last = { name: 'last', A: [1, 2, 3, 4], B: [5, 6, 7, 8, 9, 10] };
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });

describe('flat order', () => {
  it('is A then B of each layer that has an adapter', () => {
    expect(adapterPlaces(spec)).toEqual([
      { layer: 0, inputs: 3, outputs: 2, rank: 1, alpha: 3, start: 0, middle: 3, end: 5 },
      { layer: 2, inputs: 2, outputs: 3, rank: 2, alpha: 1, start: 5, middle: 9, end: 15 },
    ]);
    expect(adapterCount(spec)).toBe(15);
  });

  it('refuses specifications without adapters, or not one entry a layer', () => {
    const { lora, ...plain } = spec;
    expect(() => adapterPlaces(plain)).toThrow(code('LORA_MISSING'));
    const short = { ...spec, lora: { ...lora!, adapters: lora!.adapters.slice(1) } };
    expect(() => adapterCount(short)).toThrow(code('WEIGHTS_SHAPE'));
  });
});

describe('adapters', () => {
  it('become A and (alpha/rank) B at scale w', () => {
    const flat = quantiseAdapters(spec, [first, null, last]);
    expect([...flat].map((v) => Number(v) / ONE)).toEqual([
      ...[1, 2, 3, 12, 15],
      ...[1, 2, 3, 4, 2.5, 3, 3.5, 4, 4.5, 5],
    ]);
  });

  it('are rounded once: B times alpha is exact before the division', () => {
    const one: Spec = {
      ...spec,
      layers: [{ inputs: 3, outputs: 3, activation: 'linear', bias: false }],
      lora: { adapters: [{ rank: 3, alpha: 7 }], baseBits: 16, local: false },
    };
    const float32 = fc.tuple(fc.integer({ min: -(2 ** 23), max: 2 ** 23 }), fc.integer({ min: 20, max: 40 }));
    fc.assert(
      fc.property(fc.array(float32, { minLength: 9, maxLength: 9 }), (B) => {
        const values = B.map(([m, k]) => m * 2 ** -k);
        const flat = quantiseAdapters(one, [{ name: 'l', A: new Float32Array(9), B: values }]);
        B.forEach(([m, k], n) => {
          // |B' - 7/3 v 2^36| in sixths of a unit, and in units of 2^-k: half a unit, and the division's own rounding.
          const sixths = 2n * (3n * flat[9 + n]! * 2n ** BigInt(k) - 7n * BigInt(m) * 2n ** 36n);
          const half = 3n * 2n ** BigInt(k);
          const most = half + (half >> 10n);
          expect(sixths <= most && sixths >= -most).toBe(true);
        });
      }),
    );
  });

  it('come back as float32 to one unit of scale w', () => {
    const real = fc.double({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(fc.array(real, { minLength: 15, maxLength: 15 }), (v) => {
        const values = v.map(Math.fround);
        const a = { name: 'a', A: values.slice(0, 3), B: values.slice(3, 5) };
        const b = { name: 'b', A: values.slice(5, 9), B: values.slice(9) };
        const [x, none, y] = dequantiseAdapters(spec, quantiseAdapters(spec, [a, null, b]));
        expect(none).toBeNull();
        const back = [...x!.A, ...x!.B, ...y!.A, ...y!.B];
        back.forEach((got, n) => {
          expect(Math.abs(got - values[n]!)).toBeLessThanOrEqual(2 / ONE + 2 ** -24 * Math.abs(values[n]!));
        });
      }),
    );
  });

  it('refuses what does not fit, by name', () => {
    const bad = (adapters: Parameters<typeof quantiseAdapters>[1], wanted: string, named: RegExp) => {
      expect(() => quantiseAdapters(spec, adapters)).toThrow(code(wanted));
      expect(() => quantiseAdapters(spec, adapters)).toThrow(named);
    };
    bad([first, null], 'WEIGHTS_SHAPE', /2 entries/);
    bad([first, last, last], 'WEIGHTS_SHAPE', /last has an adapter/);
    bad([null, null, last], 'WEIGHTS_SHAPE', /layer 0 has no adapter/);
    bad([{ ...first, A: [1, 2] }, null, last], 'WEIGHTS_SHAPE', /first\/lora_a has 2 values, not 3/);
    bad([first, null, { ...last, B: [1] }], 'WEIGHTS_SHAPE', /last\/lora_b has 1 values, not 6/);
    bad([{ ...first, B: [1, Number.NaN] }, null, last], 'VALUE_NOT_FINITE', /first\/lora_b/);
    // 700 is in range, three times 700 is not.
    bad([{ ...first, B: [1, 700] }, null, last], 'VALUE_OUT_OF_RANGE', /first\/lora_b/);
    quantiseAdapters(spec, [{ ...first, A: [1, 2, 700] }, null, last]);
    expect(() => dequantiseAdapters(spec, new BigInt64Array(14))).toThrow(code('WEIGHTS_SHAPE'));
  });
});

describe('the frozen base', () => {
  const layers = [
    { name: 'a', kernel: [1, 2, 3, 4, 5, 6], bias: [7, 8] },
    { name: 'b', kernel: [1, 2, 3, 4] },
    { name: 'c', kernel: [1, 2, 3, 4, 5, 6], bias: [0.5, -0.25, 2 ** -17] },
  ];

  it('is kernels [outputs][inputs] and biases with baseBits fractional bits', () => {
    const flat = quantiseBase(spec, layers);
    expect([...flat].map((v) => Number(v) / 2 ** 16)).toEqual([
      ...[1, 3, 5, 2, 4, 6, 7, 8],
      ...[1, 3, 2, 4],
      // Half a unit rounds up.
      ...[1, 4, 2, 5, 3, 6, 0.5, -0.25, 2 ** -16],
    ]);
  });

  it('is limited to what is proven of it', () => {
    // 16 + 4 bits in limbs of 12: 24 bits with sign, 7 of them before the point.
    const with128 = layers.map((l, n) => (n === 1 ? { ...l, kernel: [1, 2, 3, 128] } : l));
    expect(() => quantiseBase(spec, with128)).toThrow(code('VALUE_OUT_OF_RANGE'));
    expect(() => quantiseBase(spec, with128)).toThrow(/b\/kernel/);
  });

  it('is empty layer-local, and refused without adapters', () => {
    const lora = { adapters: [{ rank: 1, alpha: 1 }], baseBits: 0, local: true };
    expect(quantiseBase({ ...spec, layers: [spec.layers[1]!], lora }, [])).toEqual(new BigInt64Array(0));
    const { lora: _, ...plain } = spec;
    expect(() => quantiseBase(plain, layers)).toThrow(code('LORA_MISSING'));
    expect(() => quantiseBase(spec, layers.slice(1))).toThrow(code('WEIGHTS_SHAPE'));
  });
});

describe('the learning rate of adapters', () => {
  const adapters = (...list: ({ rank: number; alpha: number } | null)[]): Spec => ({
    ...spec,
    lora: { adapters: list, baseBits: 16, local: false },
  });

  it('gives every B the rate lr (alpha/rank)^2', () => {
    // 0.1 / 4 * 2^14 = 409.6
    const even = adapters({ rank: 8, alpha: 16 }, null, { rank: 8, alpha: 8 });
    expect(adapterRate(even, 0.1)).toEqual({ eta: 410n, effective: 410 / 4096, etaB: [1640n, null, 410n] });
    // Halves: eta in steps of 4, and of 9, so of 36.
    const halves = adapters({ rank: 2, alpha: 1 }, null, { rank: 6, alpha: 4 });
    expect(adapterRate(halves, 0.0964)).toEqual({
      eta: 396n,
      effective: 396 / 4096,
      etaB: [99n, null, 176n],
    });
  });

  it('is within one per cent, and every B has an integer below 2^17; or the nearest such rate is named', () => {
    const rank = fc.integer({ min: 1, max: 64 });
    const adapter = fc.oneof(
      fc.record({ rank, alpha: fc.integer({ min: 1, max: 1024 }) }),
      fc.tuple(rank, fc.integer({ min: 1, max: 4 })).map(([r, times]) => ({ rank: r, alpha: r * times })),
    );
    const seen = { taken: 0, nearest: 0, none: 0 };
    fc.assert(
      fc.property(
        adapter,
        fc.option(adapter),
        fc.double({ min: 1e-4, max: 32, noNaN: true }),
        (p, q, rate) => {
          const s = adapters(p, null, q);
          const check = (lr: number) => {
            const { eta, effective, etaB } = adapterRate(s, lr);
            expect(Math.abs(effective - lr)).toBeLessThanOrEqual(0.01 * lr);
            expect(eta > 0n && eta < 2n ** 17n).toBe(true);
            expect(etaB[1]).toBeNull();
            for (const [v, l] of [
              [p, 0],
              [q, 2],
            ] as const) {
              const integer = etaB[l] ?? 0n;
              expect(integer * BigInt(v?.rank ?? 1) ** 2n).toBe(v ? eta * BigInt(v.alpha) ** 2n : 0n);
              expect(integer < 2n ** 17n && integer > (v ? 0n : -1n)).toBe(true);
            }
            return effective;
          };
          try {
            check(rate);
            seen.taken++;
          } catch (e) {
            const { code: c, details } = e as { code?: string; details: { nearest?: number } };
            if (c !== 'LEARNING_RATE_UNREPRESENTABLE') throw e;
            if (details.nearest === undefined) seen.none++;
            else {
              expect(check(details.nearest)).toBe(details.nearest);
              seen.nearest++;
            }
          }
        },
      ),
      { numRuns: 2000, seed: 5 },
    );
    expect(Math.min(seen.taken, seen.nearest, seen.none)).toBeGreaterThan(50);
  });

  it('layer-local: is what the sum of the given gradients is multiplied with', () => {
    const local: Spec = {
      ...spec,
      layers: [{ inputs: 2, outputs: 2, activation: 'linear', bias: false }],
      loss: 'meanSquaredError',
      lora: { adapters: [{ rank: 1, alpha: 2 }], baseBits: 0, local: true },
    };
    expect(adapterRate(local, 0.125)).toEqual({ eta: 2048n, effective: 0.125, etaB: [8192n] });
  });

  it('refuses what is no rate', () => {
    for (const rate of [0, -1, Number.NaN])
      expect(() => adapterRate(spec, rate)).toThrow(code('LEARNING_RATE_INVALID'));
  });
});
