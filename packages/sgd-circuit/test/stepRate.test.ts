/** The rates of Adam's steps as a verifier of aggregates computes them, against the oracle's and the engine's. */
import { isPotError, loadProver } from '@proof-of-training/halo2-wasm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oracleRate, type UpdateSpec } from '../../lora-circuit/test/oracleOptimizer.js';
import { hasStepRates, profiles, type StepRateNumbers, stepRates } from '../src/index.js';

type Adapters = { rank: number; alpha: number }[];

const adam = (beta1: number, beta2: number) =>
  ({ rule: 'adam', beta1, beta2, epsilon: 1, decay: 0 }) as const;

function numbers(b: number, beta1: number, beta2: number, adapters: Adapters): StepRateNumbers {
  const optimizer = adam(beta1, beta2);
  return {
    scales: { ...profiles.default, b, p: b },
    lora: { adapters, baseBits: 12, local: false, optimizer },
  };
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (e) {
    if (isPotError(e)) return e.code;
    throw e;
  }
}

describe('rates of steps', () => {
  it("are the oracle's, at every number", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 14 }),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        fc.bigInt(1n, (1n << 20n) - 1n),
        fc.oneof(fc.nat(50), fc.nat(2 ** 32)),
        fc.array(fc.record({ rank: fc.integer({ min: 1, max: 4 }), alpha: fc.integer({ min: 1, max: 8 }) }), {
          minLength: 1,
          maxLength: 2,
        }),
        (b, parts, eta, first, adapters) => {
          const [beta1, beta2] = parts.map((p) => 1 + Math.floor(p * (2 ** b - 2))) as [number, number];
          const spec = numbers(b, beta1, beta2, adapters);
          const wanted = [1n, 2n, 3n].map((t) =>
            oracleRate(spec as unknown as UpdateSpec, adam(beta1, beta2), eta, BigInt(first) + t),
          );
          expect(stepRates(spec, eta, first, 3)).toEqual(wanted);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('begin as those of the circuit do', () => {
    // The example of pot_circuit::optimizer::Optimizer::rates.
    expect(stepRates(numbers(12, 3686, 4092, [{ rank: 1, alpha: 1 }]), 1000n, 0, 3)).toEqual([
      312n,
      232n,
      199n,
    ]);
  });

  it('of a whole network are those of adapters whose B moves as A does', () => {
    const { scales, lora } = numbers(12, 3686, 4092, [{ rank: 2, alpha: 2 }]);
    const whole = { scales, optimizer: lora!.optimizer };
    expect(hasStepRates(whole)).toBe(true);
    expect(stepRates(whole, 1000n, 5, 4)).toEqual(stepRates({ scales, lora }, 1000n, 5, 4));
  });

  it("RMSProp's are eta to the nearest multiple, half up, in every step", () => {
    const optimizer = { rule: 'rmsprop', rho: 3686, momentum: 0, epsilon: 7, decay: 0 } as const;
    const { scales, lora } = numbers(12, 3686, 4092, [{ rank: 4, alpha: 6 }]);
    const whole = { scales, optimizer };
    const adapters = { scales, lora: { ...lora!, optimizer } };
    expect([hasStepRates(whole), hasStepRates(adapters)]).toEqual([true, true]);
    expect(stepRates(whole, 1001n, 4, 3)).toEqual([1001n, 1001n, 1001n]);
    expect(stepRates(adapters, 1001n, 0, 2)).toEqual([1002n, 1002n]);
    expect([1n, 2n, 3n].map((eta) => stepRates(adapters, eta, 0, 1)[0])).toEqual([2n, 2n, 4n]);
    const four = { scales, lora: { ...adapters.lora, adapters: [{ rank: 4, alpha: 1 }] } };
    expect([1n, 2n, 5n, 6n].map((eta) => stepRates(four, eta, 9, 1)[0])).toEqual([0n, 4n, 4n, 8n]);
  });

  it('are there for rules that divide by gradients alone', () => {
    const { scales, lora } = numbers(12, 3686, 4092, [{ rank: 1, alpha: 1 }]);
    expect(hasStepRates({ lora })).toBe(true);
    const momentum = {
      scales,
      lora: { ...lora!, optimizer: { rule: 'momentum', momentum: 5, decay: 0 } as const },
    };
    for (const spec of [
      { scales },
      momentum,
      { scales, lora: { adapters: lora!.adapters, baseBits: 12, local: false } },
    ]) {
      expect(hasStepRates(spec)).toBe(false);
      expect(codeOf(() => stepRates(spec, 1n, 0, 1))).toBe('OPTION_INVALID');
    }
  });

  it("have the engine's range", async () => {
    const adapters = [{ rank: 1, alpha: 1024 }];
    const { scales } = numbers(12, 4095, 1, adapters);
    const lora = { adapters, baseBits: 0, local: true, optimizer: { ...adam(4095, 1), epsilon: 7 } };
    const layer = { inputs: 1, outputs: 1, activation: 'linear', bias: false } as const;
    const spec = {
      ...{ kind: 'window', mode: 'exact', layers: [layer], loss: 'meanSquaredError', batch: 1, steps: 1 },
      ...{ scales, xOffset: 0, yOffset: 0, toleranceLimbs: 0, lora },
    };
    const halo2 = await loadProver();
    const executor = halo2.executor(JSON.stringify(spec), new BigInt64Array(6));
    const outcomes = [1n << 13n, (1n << 14n) - 16n, 1n << 14n, (1n << 14n) + 16n].map((eta) => {
      const own = codeOf(() => stepRates({ scales, lora }, eta, 0, 1));
      const engine = codeOf(() => executor.step(Int32Array.of(0), Int32Array.of(0), eta, 0n));
      expect(own).toBe(engine);
      return own;
    });
    executor.free();
    expect(outcomes).toContain('');
    expect(outcomes).toContain('ETA_RANGE');
  });
});
