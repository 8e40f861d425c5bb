/** The Rust executor with adapters against the BigInt oracle: bit for bit, on seeded random cases. */

import { type Executor, type Halo2, isPotError, loadProver } from '@proof-of-training/halo2-wasm';
import { profiles } from '@proof-of-training/sgd-circuit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { OracleRange } from '../../sgd-circuit/test/oracle.js';
import { ints, type LoraCase, localCases, networks, numbers, specJson } from './cases.js';
import {
  type LoraOracleSpec,
  OracleRate,
  oracleLocalStep,
  oracleLoraPredict,
  oracleLoraStep,
} from './oracle.js';

let halo2: Halo2;
beforeAll(async () => {
  halo2 = await loadProver();
});

const formats = [
  ...Object.values(profiles),
  { a: 8, d: 14, e: 18, b: 10, p: 10 },
  { a: 6, d: 8, e: 10, b: 8, p: 6 },
];

type Outcome = { weights: bigint[]; logits: number[] } | 'out of range' | 'no such rate';

function byOracle(c: LoraCase): Outcome {
  try {
    const { weights, logits } = c.spec.lora.local
      ? { weights: oracleLocalStep(c.spec, c.weights, c.x, c.y, c.eta), logits: [] }
      : oracleLoraStep(c.spec, c.weights, c.base, c.x, c.y, c.eta);
    // The executor's own guard: weights stay far from the ends of 64 bits.
    if (weights.some((v) => v > 1n << 55n || v < -(1n << 55n))) return 'out of range';
    return { weights, logits: logits.flat().map(Number) };
  } catch (e) {
    if (e instanceof OracleRange) return 'out of range';
    if (e instanceof OracleRate) return 'no such rate';
    throw e;
  }
}

function byExecutor(c: LoraCase): Outcome {
  const { local } = c.spec.lora;
  const base = local ? undefined : BigInt64Array.from(c.base);
  const executor = halo2.executor(specJson(c.spec), BigInt64Array.from(c.weights), base);
  try {
    const logits = local ? [] : logitsOf(executor, c);
    const report = executor.step(ints(c.x), ints(c.y), c.eta);
    if (local) expect([report.loss, report.correct]).toEqual([0, 0]);
    return { weights: [...executor.weights()], logits };
  } catch (e) {
    // A refused step leaves the weights as they were.
    expect([...executor.weights()]).toEqual(c.weights);
    if (isPotError(e, 'ETA_RANGE')) return 'no such rate';
    if (isPotError(e, 'VALUE_RANGE') || isPotError(e, 'WEIGHT_RANGE')) return 'out of range';
    throw e;
  } finally {
    executor.free();
  }
}

/** Nothing where they leave the range: then the step is refused, and says why. */
function logitsOf(executor: Executor, c: LoraCase): number[] {
  try {
    return [...executor.predict(ints(c.x))];
  } catch (e) {
    if (isPotError(e, 'VALUE_RANGE')) return [];
    throw e;
  }
}

function compare(cases: fc.Arbitrary<LoraCase>, numRuns: number) {
  const seen = { steps: 0, refusals: 0 };
  fc.assert(
    fc.property(cases, (c) => {
      const expected = byOracle(c);
      const got = byExecutor(c);
      // A step that cannot be taken for two reasons may be refused for either.
      if (expected === 'no such rate') expect(['no such rate', 'out of range']).toContain(got);
      else expect(got).toEqual(expected);
      if (typeof expected === 'string') seen.refusals++;
      else seen.steps++;
    }),
    { numRuns, seed: 20261121 },
  );
  return seen;
}

describe('the executor and the oracle agree', () => {
  it('on random steps of every depth, loss and subset of adapted layers, in five number formats', () => {
    const seen = compare(networks(formats), 1500);
    // The sample reaches both sides of the range.
    expect(seen.steps).toBeGreaterThan(500);
    expect(seen.refusals).toBeGreaterThan(20);
  });

  it('on random layer-local steps', () => {
    const seen = compare(localCases(formats), 600);
    expect(seen.steps).toBeGreaterThan(200);
    expect(seen.refusals).toBeGreaterThan(5);
  });

  it('over many steps of one run, on a base with fewer bits that stays as it is', () => {
    const spec: LoraOracleSpec = {
      layers: [
        { inputs: 5, outputs: 4, activation: 'relu', bias: true },
        { inputs: 4, outputs: 4, activation: 'relu', bias: false },
        { inputs: 4, outputs: 3, activation: 'softmax', bias: true },
      ],
      loss: 'softmaxCrossEntropy',
      batch: 2,
      scales: profiles.default,
      lora: { adapters: [{ rank: 2, alpha: 4 }, null, { rank: 1, alpha: 1 }], baseBits: 16, local: false },
    };
    const next = numbers(1);
    const base = Array.from({ length: 55 }, () => BigInt(next(2 ** 17) - 2 ** 16));
    let weights = Array.from({ length: 25 }, () => BigInt(next(2 ** 30)) * 64n - (1n << 35n));
    const executor = halo2.executor(specJson(spec), BigInt64Array.from(weights), BigInt64Array.from(base));
    for (let t = 0; t < 60; t++) {
      const x = Array.from({ length: 2 }, () => Array.from({ length: 5 }, () => BigInt(next(257))));
      const y = Array.from({ length: 2 }, () => {
        const hot = next(3);
        return [0, 1, 2].map((i) => (i === hot ? 1n : 0n));
      });
      weights = oracleLoraStep(spec, weights, base, x, y, 1024n).weights;
      const result = executor.step(ints(x), ints(y), 1024n);
      expect(Number.isFinite(result.loss)).toBe(true);
    }
    expect([...executor.weights()]).toEqual(weights);
    const probe = [
      [0n, 64n, 128n, 192n, 256n],
      [256n, 0n, 0n, 0n, 1n],
    ];
    expect([...executor.predict(ints(probe))]).toEqual(
      oracleLoraPredict(spec, weights, base, probe).flat().map(Number),
    );
    executor.free();
  });
});
