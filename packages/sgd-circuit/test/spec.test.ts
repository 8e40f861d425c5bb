import { describe, expect, it } from 'vitest';
import {
  checkpointCount,
  dividesByGradients,
  isAdam,
  type Optimizer,
  parseSpec,
  publicInputsSchema,
  stateCount,
  updateRule,
  ZERO32,
} from '../src/index.js';

const spec = (optimizer?: Optimizer) => ({
  kind: 'window',
  mode: 'exact',
  layers: [{ inputs: 3, outputs: 2, activation: 'linear', bias: false }],
  loss: 'meanSquaredError',
  batch: 1,
  steps: 1,
  scales: { a: 8, d: 14, e: 14, b: 12, p: 12 },
  xOffset: 2048,
  yOffset: 2048,
  toleranceLimbs: 0,
  lora: { adapters: [{ rank: 1, alpha: 1 }], baseBits: 16, local: false, ...(optimizer && { optimizer }) },
  shape: { k: 13, weightColumns: 1, dataColumns: 1, lanes: 1, laneColumns: 1 },
});

describe('a specification', () => {
  const adam = { rule: 'adam', beta1: 1, beta2: 65535, epsilon: 2 ** 30 - 1, decay: 0 } as const;

  it('has optimisers in the ranges that Rust has', () => {
    const most = 2 ** 28 - 1;
    const good: Optimizer[] = [
      { rule: 'sgd', decay: 1 },
      { rule: 'sgd', decay: most },
      { rule: 'momentum', momentum: 1, decay: 0 },
      adam,
      { rule: 'nesterov', momentum: 65535, decay: 0 },
      { rule: 'rmsprop', rho: 1, momentum: 0, epsilon: 2 ** 52 - 1, decay: 0 },
    ];
    for (const o of good) expect(parseSpec(spec(o)).lora?.optimizer).toEqual(o);
    expect(parseSpec(spec()).lora).not.toHaveProperty('optimizer');
    const bad: [Optimizer, RegExp][] = [
      [{ rule: 'sgd', decay: 0 }, /lora\.optimizer\.decay/],
      [{ rule: 'sgd', decay: most + 1 }, /decay/],
      [{ rule: 'momentum', momentum: 0, decay: 0 }, /momentum/],
      [{ rule: 'momentum', momentum: 1, decay: -1 }, /decay/],
      [{ ...adam, epsilon: 0 }, /epsilon/],
      [{ ...adam, epsilon: 2 ** 30 }, /epsilon/],
      [{ ...adam, beta2: 65536 }, /beta2/],
      [{ rule: 'nesterov', momentum: 0, decay: 0 }, /momentum/],
      [{ rule: 'rmsprop', rho: 0, momentum: 0, epsilon: 1, decay: 0 }, /rho/],
      [{ rule: 'rmsprop', rho: 1, momentum: 0, epsilon: 2 ** 52, decay: 0 }, /epsilon/],
    ];
    for (const [o, said] of bad) expect(() => parseSpec(spec(o)), JSON.stringify(o)).toThrow(said);
  });

  it('has an optimiser of the whole network beside the layers', () => {
    const { lora: _, ...network } = spec();
    const momentum = { rule: 'momentum', momentum: 3686, decay: 0 } as const;
    const rms = { rule: 'rmsprop', rho: 3686, momentum: 0, epsilon: 1, decay: 0 } as const;
    const cases: [Optimizer | undefined, number][] = [
      [adam, 2],
      [momentum, 1],
      [{ ...momentum, rule: 'nesterov' }, 1],
      [rms, 1],
      [{ ...rms, momentum: 1 }, 2],
      [undefined, 0],
    ];
    for (const [o, states] of cases) {
      const s = parseSpec({ ...network, ...(o && { optimizer: o }) });
      expect(updateRule(s)).toEqual(o);
      expect(dividesByGradients(s)).toBe(o?.rule === 'adam' || o?.rule === 'rmsprop');
      expect([stateCount(s), checkpointCount(s), isAdam(s)]).toEqual([states, 6 * (1 + states), o === adam]);
      // That of adapters is theirs.
      expect(updateRule({ ...spec(momentum), optimizer: o })).toEqual(momentum);
    }
    expect(() => parseSpec({ ...network, optimizer: { rule: 'sgd', decay: 0 } })).toThrow(/optimizer\.decay/);
  });
});

describe('public inputs', () => {
  it("take Adam's largest eta", () => {
    const hashes = { runId: ZERO32, weightsIn: ZERO32, weightsOut: ZERO32, data: ZERO32 };
    const reads = (eta: string) =>
      publicInputsSchema.safeParse({ ...hashes, firstStep: 0, epoch: 0, eta }).success;
    for (const eta of ['0', '1', '131071', '1048575']) expect(reads(eta), eta).toBe(true);
    for (const eta of ['', '01', '-1', '1e3', '10000000']) expect(reads(eta), eta).toBe(false);
    const list = (etas: string[]) =>
      publicInputsSchema.safeParse({ ...hashes, firstStep: 0, epoch: 0, eta: '0', etas }).success;
    for (const etas of [['1'], ['30', '1048575']]) expect(list(etas), etas.join()).toBe(true);
    for (const etas of [[], ['0'], ['1', '-1'], ['01']]) expect(list(etas), etas.join()).toBe(false);
  });
});
