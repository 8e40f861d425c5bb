/** The Rust executor, as compiled to WebAssembly, against the BigInt oracle: bit for bit, on seeded random cases. */

import { type Halo2, isPotError, loadProver } from '@proof-of-training/halo2-wasm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { profiles } from '../src/index.js';
import { OracleRange, type OracleSpec, oraclePredict, oracleStep } from './oracle.js';

let halo2: Halo2;
beforeAll(async () => {
  halo2 = await loadProver();
});

/** A case: an architecture, integers for everything, and a learning rate. */
interface Case {
  spec: OracleSpec;
  weights: bigint[];
  x: bigint[][];
  y: bigint[][];
  eta: bigint;
}

const formats = {
  ...profiles,
  wide: { a: 8, d: 14, e: 18, b: 10, p: 10 },
  coarse: { a: 6, d: 8, e: 10, b: 8, p: 6 },
};

function specJson(spec: OracleSpec): string {
  const half = 2 ** (spec.scales.b - 1);
  const yOffset = spec.loss === 'meanSquaredError' ? half : 0;
  return JSON.stringify({
    kind: 'window',
    mode: 'exact',
    ...spec,
    steps: 1,
    xOffset: half,
    yOffset,
    toleranceLimbs: 0,
  });
}

/** Numbers that make rounding ties, zeros and equal logits likely. */
const caseArbitrary: fc.Arbitrary<Case> = fc
  .record({
    widths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
    relu: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    bias: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    softmax: fc.boolean(),
    batch: fc.integer({ min: 1, max: 4 }),
    format: fc.constantFrom(...Object.values(formats)),
    style: fc.constantFrom('random', 'ties', 'zeros', 'equal', 'large'),
    size: fc.integer({ min: -6, max: 4 }),
    eta: fc.integer({ min: 1, max: 2 ** 17 - 1 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  })
  .map(({ widths, relu, bias, softmax, batch, format: scales, style, size, eta, seed }): Case => {
    let state = seed;
    const next = (n: number) => {
      state = (state * 48271) % 2147483647;
      return state % n;
    };
    const layers = widths.slice(1).map((outputs, l) => {
      const last = l === widths.length - 2;
      const hidden = relu[l] ? ('relu' as const) : ('linear' as const);
      const activation = !last ? hidden : softmax ? ('softmax' as const) : ('linear' as const);
      return { inputs: widths[l]!, outputs, activation, bias: bias[l]! };
    });
    const w = scales.a + scales.d + scales.e;
    const spread = style === 'large' ? w + 6 : w + size;
    const count = layers.reduce((n, l) => n + l.outputs * (l.inputs + (l.bias ? 1 : 0)), 0);
    const weight = () => {
      if (style === 'zeros') return 0n;
      if (style === 'equal') return 1n << BigInt(w - 2);
      // Odd multiples of half a unit of z for inputs of 1: every pre-activation is a tie.
      if (style === 'ties') return BigInt(next(41) - 20) << BigInt(w - 1);
      const bits = BigInt(next(2 ** 30)) * 2n ** 30n + BigInt(next(2 ** 30));
      return (bits >> BigInt(Math.max(0, 60 - spread))) - (1n << BigInt(Math.min(59, spread - 1)));
    };
    const half = 2 ** (scales.b - 1);
    const cell = () => (style === 'ties' ? BigInt(next(3) - 1) : BigInt(next(2 * half) - half));
    const rows = (width: number, value: () => bigint) =>
      Array.from({ length: batch }, () => Array.from({ length: width }, value));
    const outputs = widths[widths.length - 1]!;
    const y = softmax
      ? rows(outputs, () => 0n).map((row) => {
          row[next(outputs)] = 1n;
          return row;
        })
      : rows(outputs, cell);
    return {
      spec: { layers, loss: softmax ? 'softmaxCrossEntropy' : 'meanSquaredError', batch, scales },
      weights: Array.from({ length: count }, weight),
      x: rows(widths[0]!, cell),
      y,
      eta: BigInt(eta),
    };
  });

const ints = (rows: bigint[][]) => Int32Array.from(rows.flat(), Number);
type Outcome = { weights: bigint[]; logits: number[] } | 'out of range';

function byOracle(c: Case): Outcome {
  try {
    const { weights, logits } = oracleStep(c.spec, c.weights, c.x, c.y, c.eta);
    // The executor's own guard: weights stay far from the ends of 64 bits.
    if (weights.some((v) => v > 1n << 55n || v < -(1n << 55n))) return 'out of range';
    return { weights, logits: logits.flat().map(Number) };
  } catch (e) {
    if (e instanceof OracleRange) return 'out of range';
    throw e;
  }
}

function byExecutor(c: Case): Outcome {
  const executor = halo2.executor(specJson(c.spec), BigInt64Array.from(c.weights));
  try {
    const logits = [...executor.predict(ints(c.x))];
    executor.step(ints(c.x), ints(c.y), c.eta);
    return { weights: [...executor.weights()], logits };
  } catch (e) {
    if (!isPotError(e, 'VALUE_RANGE') && !isPotError(e, 'WEIGHT_RANGE')) throw e;
    // A refused step leaves the weights as they were.
    expect([...executor.weights()]).toEqual(c.weights);
    return 'out of range';
  } finally {
    executor.free();
  }
}

describe('the executor and the oracle agree', () => {
  it('on random steps of every depth, loss and activation, in five number formats', () => {
    const seen = { steps: 0, refusals: 0 };
    fc.assert(
      fc.property(caseArbitrary, (c) => {
        const expected = byOracle(c);
        expect(byExecutor(c)).toEqual(expected);
        if (expected === 'out of range') seen.refusals++;
        else seen.steps++;
      }),
      { numRuns: 1500, seed: 20260101 },
    );
    // The sample reaches both sides of the range.
    expect(seen.steps).toBeGreaterThan(600);
    expect(seen.refusals).toBeGreaterThan(20);
  });

  it('over many steps of one run', () => {
    const scales = profiles.default;
    const spec: OracleSpec = {
      layers: [
        { inputs: 5, outputs: 4, activation: 'relu', bias: true },
        { inputs: 4, outputs: 3, activation: 'softmax', bias: true },
      ],
      loss: 'softmaxCrossEntropy',
      batch: 2,
      scales,
    };
    let state = 1;
    const next = (n: number) => {
      state = (state * 48271) % 2147483647;
      return state % n;
    };
    let weights = Array.from({ length: 39 }, () => BigInt(next(2 ** 30)) * 64n - (1n << 35n));
    const executor = halo2.executor(specJson(spec), BigInt64Array.from(weights));
    for (let t = 0; t < 60; t++) {
      const x = Array.from({ length: 2 }, () => Array.from({ length: 5 }, () => BigInt(next(257))));
      const y = Array.from({ length: 2 }, () => {
        const hot = next(3);
        return [0, 1, 2].map((i) => (i === hot ? 1n : 0n));
      });
      weights = oracleStep(spec, weights, x, y, 2048n).weights;
      const result = executor.step(ints(x), ints(y), 2048n);
      expect(Number.isFinite(result.loss)).toBe(true);
    }
    expect([...executor.weights()]).toEqual(weights);
    const probe = [
      [0n, 64n, 128n, 192n, 256n],
      [256n, 0n, 0n, 0n, 1n],
    ];
    expect([...executor.predict(ints(probe))]).toEqual(
      oraclePredict(spec, weights, probe).flat().map(Number),
    );
    executor.free();
  });

  it('reports the loss and the hits that the step began with', () => {
    const spec: OracleSpec = {
      layers: [{ inputs: 1, outputs: 2, activation: 'softmax', bias: false }],
      loss: 'softmaxCrossEntropy',
      batch: 2,
      scales: profiles.default,
    };
    // logits (1, -1) for both samples; labels 0 and 1: one hit.
    const executor = halo2.executor(specJson(spec), BigInt64Array.of(1n << 36n, -(1n << 36n)));
    const { loss, correct } = executor.step(Int32Array.of(256, 256), Int32Array.of(1, 0, 0, 1), 1n);
    expect(correct).toBe(1);
    expect(loss).toBeCloseTo((Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(2))) / 2, 2);
    executor.free();
  });
});
