/** The optimisers of the Rust executor against the BigInt oracle's: weights and state bit for bit, over several steps. */

import { type Executor, type Halo2, isPotError, loadProver } from '@proof-of-training/halo2-wasm';
import { type ProfileName, profiles } from '@proof-of-training/sgd-circuit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { OracleRange } from '../../sgd-circuit/test/oracle.js';
import { optimizerNumbers } from '../src/index.js';
import {
  caseRules,
  ints,
  type LoraCase,
  localCases,
  networks,
  type OptimizerCase,
  optimised,
  specJson,
} from './cases.js';
import { type LoraOracleSpec, OracleRate, oracleLocalStep, oracleLoraStep } from './oracle.js';
import { type OracleRule, oracleMoments, oracleStates } from './oracleOptimizer.js';

let halo2: Halo2;
beforeAll(async () => {
  halo2 = await loadProver();
});

const formats = [
  ...Object.values(profiles),
  { a: 8, d: 14, e: 18, b: 10, p: 10 },
  { a: 6, d: 8, e: 10, b: 8, p: 6 },
  // Moments without bits beyond the gradient's, and a divisor that may be too large for its limbs.
  { a: 10, d: 16, e: 18, b: 11, p: 11 },
];

type Outcome = bigint[] | 'out of range' | 'no such rate';

function oracleStep({ spec, base, x, y, eta }: LoraCase, flat: bigint[], number: bigint): Outcome {
  try {
    const after = spec.lora.local
      ? oracleLocalStep(spec, flat, x, y, eta, number)
      : oracleLoraStep(spec, flat, base, x, y, eta, number).weights;
    // The executor's own guard: weights stay far from the ends of 64 bits.
    const weights = after.slice(0, after.length / (1 + oracleStates(spec.lora.optimizer)));
    return weights.some((v) => v > 1n << 55n || v < -(1n << 55n)) ? 'out of range' : after;
  } catch (e) {
    if (e instanceof OracleRange) return 'out of range';
    if (e instanceof OracleRate) return 'no such rate';
    throw e;
  }
}

function executorStep(executor: Executor, { x, y, eta }: LoraCase, number: bigint): Outcome {
  const before = executor.weights();
  try {
    executor.step(ints(x), ints(y), eta, number);
    return [...executor.weights()];
  } catch (e) {
    // A refused step leaves weights and state as they were.
    expect(executor.weights()).toEqual(before);
    if (isPotError(e, 'ETA_RANGE')) return 'no such rate';
    if (isPotError(e, 'VALUE_RANGE') || isPotError(e, 'WEIGHT_RANGE')) return 'out of range';
    throw e;
  }
}

/** Runs a case until its end or a refusal; both must come to the same, step for step. Gives the steps taken. */
function run(c: OptimizerCase): { taken: number; refused: boolean } {
  const base = c.spec.lora.local ? undefined : BigInt64Array.from(c.base);
  const executor = halo2.executor(specJson(c.spec), BigInt64Array.from(c.weights), base);
  try {
    let flat = c.weights;
    for (let t = 0; t < c.steps; t++) {
      const number = c.first + BigInt(t);
      const expected = oracleStep(c, flat, number);
      const got = executorStep(executor, c, number);
      // A step that cannot be taken for two reasons may be refused for either.
      if (expected === 'no such rate') expect(['no such rate', 'out of range']).toContain(got);
      else expect(got).toEqual(expected);
      if (typeof expected === 'string') return { taken: t, refused: true };
      flat = expected;
    }
    return { taken: c.steps, refused: false };
  } finally {
    executor.free();
  }
}

const kindOf = (rule: OracleRule) =>
  rule.rule === 'sgd' || rule.decay === 0 ? rule.rule : `${rule.rule}+decay`;

function compare(cases: fc.Arbitrary<LoraCase>, numRuns: number) {
  const steps = new Map<string, number>(caseRules.map((rule) => [rule, 0]));
  let refusals = 0;
  fc.assert(
    fc.property(optimised(cases), (c) => {
      const kind = kindOf(c.spec.lora.optimizer!);
      const { taken, refused } = run(c);
      steps.set(kind, steps.get(kind)! + taken);
      if (refused) refusals++;
    }),
    { numRuns, seed: 20261122 },
  );
  return { fewest: Math.min(...steps.values()), refusals, steps };
}

describe('the executor and the oracle agree', () => {
  it('on every optimizer, in networks of every depth and loss, in six number formats', () => {
    const { fewest, refusals } = compare(networks(formats), 1500);
    // Each rule takes steps, and the sample reaches both sides of the range.
    expect(fewest).toBeGreaterThan(100);
    expect(refusals).toBeGreaterThan(20);
  });

  it('on every optimizer, layer-local', () => {
    const { fewest, refusals } = compare(localCases(formats), 1000);
    expect(fewest).toBeGreaterThan(100);
    expect(refusals).toBeGreaterThan(20);
  });
});

describe('the step number', () => {
  const c: LoraCase = {
    spec: {
      layers: [{ inputs: 1, outputs: 1, activation: 'linear', bias: false }],
      loss: 'meanSquaredError',
      batch: 1,
      scales: profiles.default,
      lora: {
        adapters: [{ rank: 1, alpha: 1 }],
        baseBits: 0,
        local: true,
        optimizer: { rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 1, decay: 0 },
      },
    },
    weights: [1n << 36n, 1n << 36n, 0n, 0n, 0n, 0n],
    base: [],
    x: [[256n]],
    y: [[1n << 14n]],
    eta: 4194n,
  };

  it('is needed by Adam, and by no other', () => {
    const executor = halo2.executor(specJson(c.spec), BigInt64Array.from(c.weights));
    expect(() => executor.step(ints(c.x), ints(c.y), c.eta)).toThrow(
      expect.objectContaining({ code: 'STEP_NUMBER' }),
    );
    expect([...executor.weights()]).toEqual(c.weights);
    executor.free();
    const optimizer = { rule: 'momentum', momentum: 3686, decay: 0 } as const;
    const spec = { ...c.spec, lora: { ...c.spec.lora, optimizer } };
    const flat = c.weights.slice(0, 4);
    const other = halo2.executor(specJson(spec), BigInt64Array.from(flat));
    other.step(ints(c.x), ints(c.y), c.eta);
    expect([...other.weights()]).toEqual(oracleStep({ ...c, spec }, flat, 0n));
    other.free();
  });

  it('makes the first step the size of the learning rate, and no later one with the same moments', () => {
    const moved = (number: bigint) => {
      const executor = halo2.executor(specJson(c.spec), BigInt64Array.from(c.weights));
      executor.step(ints(c.x), ints(c.y), c.eta, number);
      const after = executor.weights()[0]!;
      executor.free();
      return Number(c.weights[0]! - after) / 2 ** 36;
    };
    expect(moved(0n)).toBeCloseTo(0.001, 5);
    expect(moved(10n ** 6n)).toBeCloseTo(0.00316, 4);
    expect(moved(1n)).toBeLessThan(0.0008);
  });
});

describe('a gradient so small that v rounds it away', () => {
  const learningRate = 1e-5;
  const layer: LoraOracleSpec = {
    layers: [{ inputs: 1, outputs: 1, activation: 'linear', bias: false }],
    loss: 'meanSquaredError',
    batch: 1,
    scales: profiles.default,
    lora: { adapters: [{ rank: 1, alpha: 1 }], baseBits: 0, local: true },
  };

  function adamOf(profile: ProfileName, epsilon?: number) {
    const spec = { ...layer, scales: profiles[profile] };
    const { optimizer, rate } = optimizerNumbers(spec, { type: 'adamw', learningRate, epsilon });
    if (optimizer?.rule !== 'adam') throw new Error('not Adam');
    return { spec: { ...spec, lora: { ...spec.lora, optimizer } }, adam: optimizer, rate };
  }

  /** The largest step and the last one of A = B = 1, in learning rates: both have gradient G while they are near 1. */
  function moves(profile: ProfileName, gradient: number, epsilon?: number) {
    const { spec, rate } = adamOf(profile, epsilon);
    const { a, d, e } = spec.scales;
    const one = 1n << BigInt(a + d + e);
    const executor = halo2.executor(specJson(spec), BigInt64Array.from([one, one, 0n, 0n, 0n, 0n]));
    let [largest, last] = [0, 0];
    for (let t = 0n; t < 1000n; t++) {
      const before = executor.weights();
      executor.step(Int32Array.of(1), Int32Array.of(gradient), rate.eta, t);
      const after = executor.weights();
      const moved = [0, 1].map(
        (n) => Math.abs(Number(after[n]! - before[n]!)) / Number(one) / rate.effective,
      );
      last = Math.max(...moved);
      largest = Math.max(largest, last);
    }
    executor.free();
    return { largest, last };
  }

  /** U in the long run. */
  function ratio(profile: ProfileName, gradient: bigint, epsilon?: number) {
    const { spec, adam } = adamOf(profile, epsilon);
    let [m, v, u] = [0n, 0n, 0n];
    for (let t = 0; t < 6000; t++) {
      const next = oracleMoments(spec, adam, m, v, { rank: 1, alpha: 1, matrix: 'A', gradient });
      [m, v, u] = [next.m, next.v, next.ratio];
    }
    return Number(u) / 2 ** spec.scales.e;
  }

  it.each([
    ['default', 5, 16, 0.7],
    ['precise', 20, 15, 0.65],
    ['compact', 2, 3, 0.19],
  ] as const)('moves a weight by no more than the rate: %s', (profile, gradient, tiny, usual) => {
    expect(ratio(profile, BigInt(gradient), 1e-8)).toBe(tiny);
    expect(ratio(profile, BigInt(gradient))).toBeCloseTo(usual, 2);
    expect(moves(profile, gradient, 1e-8).largest).toBeGreaterThan(0.7 * tiny);
    const { largest, last } = moves(profile, gradient);
    expect(largest).toBeLessThan(1.1);
    expect(last).toBeGreaterThan(0.1);
  });

  it.each(Object.keys(profiles) as ProfileName[])('nor does any other small gradient: %s', (profile) => {
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 22, 23, 24, 28, 40];
    for (const gradient of sizes) expect(moves(profile, gradient).largest, `${gradient}`).toBeLessThan(1.1);
  });
});
