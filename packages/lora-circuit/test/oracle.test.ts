import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OracleRange, oraclePredict } from '../../sgd-circuit/test/oracle.js';
import { localCases, networks, numbers, type Scales } from './cases.js';
import { type FloatLayer, floatForward, floatLoss, numericGradient } from './floatLora.js';
import {
  type LoraOracleSpec,
  OracleRate,
  oracleEtaB,
  oracleLocalStep,
  oracleLoraPredict,
  oracleLoraStep,
} from './oracle.js';

const scales = { a: 8, d: 14, e: 14, b: 12, p: 12 };
const W = 2 ** 36;
const ints = (values: readonly number[], scale: number) => values.map((v) => BigInt(Math.round(v * scale)));

/** 2 -> 1, rank 1, alpha 2, mean squared error, one sample. */
const tiny: LoraOracleSpec = {
  layers: [{ inputs: 2, outputs: 1, activation: 'linear', bias: true }],
  loss: 'meanSquaredError',
  batch: 1,
  scales,
  lora: { adapters: [{ rank: 1, alpha: 2 }], baseBits: 20, local: false },
};

describe('one step', () => {
  it('is the one that a person computes', () => {
    // W = (1, 0), bias 0.5; A = (1, 2), B = 0.25, so B' = 0.5. x = (1, 1): A x = 3, z = 1.5 + 0.5 * 3 = 3.
    // y = 2: delta = 1, g1 = 0.5. lr_eff = 1/8: A -= 1/8 * 0.5 * x; B -= 1/8 * 2 * delta * 3, so B' by twice that.
    const { weights, logits } = oracleLoraStep(
      tiny,
      ints([1, 2, 0.5], W),
      ints([1, 0, 0.5], 2 ** 20),
      [ints([1, 1], 256)],
      [ints([2], 256)],
      2048n,
    );
    expect(logits).toEqual([[768n]]);
    expect(weights).toEqual(ints([1 - 1 / 16, 2 - 1 / 16, 0.5 - (1 / 8) * 4 * 3], W));
  });

  it('leaves B where A x is zero, and A where B is zero', () => {
    const step = (flat: number[]) =>
      oracleLoraStep(tiny, ints(flat, W), ints([1, 0, 0.5], 2 ** 20), [[256n, 256n]], [[0n]], 2048n).weights;
    const [a0, a1, b] = step([1, 2, 0]);
    expect([a0, a1]).toEqual(ints([1, 2], W));
    expect(b).not.toBe(0n);
    const [c0, c1, c] = step([1, -1, 0.5]);
    expect(c).toBe(ints([0.5], W)[0]);
    expect([c0, c1]).not.toEqual(ints([1, -1], W));
  });

  it('takes the gradient through the kernel and the adapter of the layer above, with the weights before the step', () => {
    // Layer 1: 1 -> 1, A = 1, B' = 1, W = 0; layer 2: 1 -> 1, W = 2, A = 3, B' = 1. x = 1: h = 1, z = 2 + 3 = 5.
    // y = 4: delta = 1; g1 above = 1; g = 2 * 1 + 3 * 1 = 5; below: g1 = 5, so A1 -= lr 5, B1' -= lr 5.
    const one = { inputs: 1, outputs: 1, activation: 'linear' as const, bias: false };
    const spec: LoraOracleSpec = {
      ...tiny,
      layers: [one, one],
      lora: {
        adapters: [
          { rank: 1, alpha: 1 },
          { rank: 1, alpha: 1 },
        ],
        baseBits: 36,
        local: false,
      },
    };
    const { weights } = oracleLoraStep(
      spec,
      ints([1, 1, 3, 1], W),
      ints([0, 2], W),
      [[256n]],
      [[1024n]],
      2048n,
    );
    expect(weights).toEqual(ints([1 - 5 / 8, 1 - 5 / 8, 3 - 1 / 8, 1 - 3 / 8], W));
  });

  it('computes nothing beneath the lowest adapter', () => {
    // The gradient into layer 0 would leave the range; no adapter there asks for it.
    const one = { inputs: 1, outputs: 1, activation: 'linear' as const, bias: false };
    const adapters: LoraOracleSpec['lora']['adapters'] = [null, { rank: 1, alpha: 1 }];
    const spec = { ...tiny, layers: [one, one], lora: { adapters, baseBits: 36, local: false } };
    const base = [0n, 1n << 46n];
    const run = (s: LoraOracleSpec, flat: bigint[]) => () =>
      oracleLoraStep(s, flat, base, [[256n]], [[-2048n]], 1n);
    expect(run(spec, [0n, 0n])).not.toThrow();
    const both = { ...spec, lora: { ...spec.lora, adapters: [adapters[1]!, adapters[1]!] } };
    expect(run(both, [0n, 0n, 0n, 0n])).toThrow('gradient into layer 0');
  });

  it('refuses h1 and g1 one beyond the range and takes the last inside', () => {
    const spec: LoraOracleSpec = {
      ...tiny,
      layers: [{ inputs: 1, outputs: 1, activation: 'linear', bias: false }],
      lora: { adapters: [{ rank: 1, alpha: 1 }], baseBits: 0, local: true },
    };
    const top = 1n << 24n;
    const h1 = (v: bigint) => () => oracleLocalStep(spec, [v << 36n, 0n], [[1n]], [[0n]], 1n);
    expect(h1(top)).not.toThrow();
    expect(h1(top + 1n)).toThrow(OracleRange);
    expect(h1(-top + 1n)).not.toThrow();
    expect(h1(-top)).toThrow('h1');
    const half = 1n << 23n;
    const g1 = (v: bigint) => () => oracleLocalStep(spec, [0n, v << 36n], [[0n]], [[1n]], 1n);
    expect(g1(half - 1n)).not.toThrow();
    expect(g1(half)).toThrow('g1');
    expect(g1(-half)).not.toThrow();
    expect(g1(-half - 1n)).toThrow(OracleRange);
    const delta = (v: bigint) => () => oracleLocalStep(spec, [0n, 0n], [[0n]], [[v]], 1n);
    expect(delta(half - 1n)).not.toThrow();
    expect(delta(half)).toThrow('given gradient');
    expect(delta(-half - 1n)).toThrow('given gradient');
  });

  it('refuses a rate that B cannot have', () => {
    const spec = (rank: number, alpha: number): LoraOracleSpec => ({
      ...tiny,
      lora: { adapters: [{ rank, alpha }], baseBits: 20, local: false },
    });
    expect(oracleEtaB(spec(2, 1), 0, 4n)).toBe(1n);
    expect(oracleEtaB(spec(8, 16), 0, 3n)).toBe(12n);
    expect(() => oracleEtaB(spec(2, 1), 0, 6n)).toThrow(OracleRate);
    expect(() => oracleEtaB(spec(1, 2), 0, 32768n)).toThrow(OracleRate);
    expect(oracleEtaB(spec(1, 2), 0, 32767n)).toBe(131068n);
  });

  it('refuses a wrong number of weights', () => {
    const run = (flat: bigint[], base: bigint[]) => () => oracleLoraPredict(tiny, flat, base, [[0n, 0n]]);
    expect(run([0n, 0n], [0n, 0n, 0n])).toThrow('too few weights');
    expect(run([0n, 0n, 0n, 0n], [0n, 0n, 0n])).toThrow('too many weights');
    expect(run([0n, 0n, 0n], [0n, 0n])).toThrow('too few base weights');
    expect(run([0n, 0n, 0n], [0n, 0n, 0n, 0n])).toThrow('too many base weights');
  });
});

describe('against the SGD oracle', () => {
  it('a base under adapters of zero gives the logits that the base alone gives', () => {
    let compared = 0;
    fc.assert(
      fc.property(networks([scales]), ({ spec, weights, base, x }) => {
        const lift = 1n << BigInt(36 - spec.lora.baseBits);
        let expected: bigint[][];
        try {
          expected = oraclePredict(
            spec,
            base.map((v) => v * lift),
            x,
          );
        } catch (e) {
          if (e instanceof OracleRange) return;
          throw e;
        }
        compared++;
        expect(
          oracleLoraPredict(
            spec,
            weights.map(() => 0n),
            base,
            x,
          ),
        ).toEqual(expected);
      }),
      { numRuns: 200, seed: 20260102 },
    );
    expect(compared).toBeGreaterThan(60);
  });

  it('a layer-local step is what the adapter of that layer does in a network, given its input and gradient', () => {
    let compared = 0;
    fc.assert(
      fc.property(localCases([scales]), ({ spec, weights, x, y, eta }) => {
        // The gradient of mean squared error over a base of zeros, from labels below the given numbers.
        const labels = y.map((row) => row.map((v) => v >> 6n));
        const network = { ...spec, lora: { ...spec.lora, baseBits: 36, local: false } };
        const base = Array.from({ length: spec.layers[0]!.inputs * spec.layers[0]!.outputs }, () => 0n);
        try {
          const { weights: expected, logits } = oracleLoraStep(network, weights, base, x, labels, eta);
          const delta = logits.map((row, n) => row.map((z, i) => (z - labels[n]![i]!) << 6n));
          expect(oracleLocalStep(spec, weights, x, delta, eta)).toEqual(expected);
          compared++;
        } catch (e) {
          if (!(e instanceof OracleRange) && !(e instanceof OracleRate)) throw e;
        }
      }),
      { numRuns: 200, seed: 20260103 },
    );
    expect(compared).toBeGreaterThan(60);
  });
});

/** Fine activations, so that the roundings are small against every gradient. */
const fine: Scales = { a: 14, d: 18, e: 14, b: 15, p: 15 };

interface FloatCase {
  spec: LoraOracleSpec;
  layers: FloatLayer[];
  x: number[][];
  y: number[][];
}

/** A small random network with adapters in about two of three layers, weights and data of moderate size. */
function floatCase(seed: number): FloatCase | undefined {
  const next = numbers(seed);
  const real = (size: number) => ((next(2001) - 1000) / 1000) * size;
  const matrix = (rows: number, columns: number, size = 0.7) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => real(size)));
  const widths = Array.from({ length: 2 + next(3) }, () => 2 + next(4));
  const count = widths.length - 1;
  const softmax = next(2) === 0;
  const shapes = widths.slice(1).map((outputs, l) => ({
    inputs: widths[l]!,
    outputs,
    activation:
      l === count - 1
        ? softmax
          ? ('softmax' as const)
          : ('linear' as const)
        : next(4) === 0
          ? ('linear' as const)
          : ('relu' as const),
    bias: next(3) > 0,
  }));
  const forced = next(count);
  const adapters = shapes.map((_, l) =>
    l === forced || next(3) > 0
      ? [
          { rank: 1, alpha: 2 },
          { rank: 2, alpha: 3 },
          { rank: 2, alpha: 1 },
        ][next(3)]!
      : null,
  );
  const layers = shapes.map(({ inputs, outputs, bias }, l) => ({
    kernel: matrix(outputs, inputs),
    bias: bias ? matrix(1, outputs)[0]! : [],
    ...(adapters[l] && { a: matrix(adapters[l]!.rank, inputs), b: matrix(outputs, adapters[l]!.rank) }),
  }));
  const batch = 1 + next(3);
  // Numbers that scale a holds exactly.
  const x = matrix(batch, widths[0]!, 1).map((row) => row.map((v) => Math.round(v * 1024) / 1024));
  const y = Array.from({ length: batch }, () => {
    const hot = next(widths[count]!);
    return Array.from({ length: widths[count]! }, (_, i) => (i === hot ? 1 : 0));
  });
  const spec: LoraOracleSpec = {
    layers: shapes,
    loss: softmax ? 'softmaxCrossEntropy' : 'meanSquaredError',
    batch,
    scales: fine,
    lora: { adapters, baseBits: 40, local: false },
  };
  // At a kink of a ReLU the two sides may disagree on which side of it they are.
  return floatForward(spec, layers, x).kink < 2 ** -9 ? undefined : { spec, layers, x, y };
}

describe('against LoRA in double precision', () => {
  it('A and B move along the numeric gradient of the loss, to rounding', () => {
    const w = 2 ** 46;
    let compared = 0;
    let largest = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const c = floatCase(seed * 7919);
      if (!c) continue;
      const { spec, layers, x, y } = c;
      const eta = 36 * 64;
      const outputs = spec.layers[spec.layers.length - 1]!.outputs;
      // docs/protocol/protocol.md: the rate that this eta is, with the loss's reductions taken out of it.
      const reduction = spec.loss === 'softmaxCrossEntropy' ? spec.batch : (spec.batch * outputs) / 2;
      const rate = (eta / 2 ** fine.e) * reduction;
      const factor = (l: number) => {
        const adapter = spec.lora.adapters[l];
        return adapter ? adapter.alpha / adapter.rank : 0;
      };
      const flat = layers.flatMap(({ a, b }, l) =>
        a && b
          ? [
              ...ints(a.flat(), w),
              ...ints(
                b.flat().map((v) => v * factor(l)),
                w,
              ),
            ]
          : [],
      );
      const base = layers.flatMap(({ kernel, bias }) => ints([...kernel.flat(), ...bias], 2 ** 40));
      const one = spec.loss === 'softmaxCrossEntropy' ? 1 : 2 ** fine.a;
      const rows = (m: number[][], scale: number) => m.map((row) => ints(row, scale));
      const { weights, logits } = oracleLoraStep(
        spec,
        flat,
        base,
        rows(x, 2 ** fine.a),
        rows(y, one),
        BigInt(eta),
      );
      const { out } = floatForward(spec, layers, x);
      logits.flat().forEach((z, n) => {
        expect(Math.abs(Number(z) / 2 ** fine.a - out.flat()[n]!)).toBeLessThan(2 ** -11);
      });
      const loss = () => floatLoss(spec, layers, x, y);
      const expected = layers.flatMap(({ a, b }, l) =>
        a && b
          ? [
              ...numericGradient(loss, a).flat(),
              // B' = factor B moves by factor times what B does.
              ...numericGradient(loss, b)
                .flat()
                .map((v) => v * factor(l)),
            ]
          : [],
      );
      weights.forEach((after, n) => {
        const gradient = -Number(after - flat[n]!) / w / rate;
        expect(Math.abs(gradient - expected[n]!), `seed ${seed}, weight ${n}`).toBeLessThan(2 ** -10);
        largest = Math.max(largest, Math.abs(gradient));
      });
      compared++;
    }
    expect(compared).toBeGreaterThan(80);
    // The bound above is small against the gradients that it is about.
    expect(largest).toBeGreaterThan(2 ** -10 * 500);
  });
});
