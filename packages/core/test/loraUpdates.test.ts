import { effectiveHyperparameters } from '@proof-of-training/lora-circuit';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { describe, expect, it } from 'vitest';
import { Costs, choose, type HardwareMeasurement } from '../src/batch/lora/choose.js';
import { loraFormats, numbersFor, quantiseGradient } from '../src/batch/lora/numbers.js';
import { chainsOf, type LoraUpdate } from '../src/batch/lora/updates.js';
import type { LoraWindow } from '../src/batch/lora/windows.js';
import { seededRandom } from '../src/trainConfig/random.js';

const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });
const random = seededRandom(1);
const values = (count: number, size = 1) =>
  Float32Array.from({ length: count }, () => size * (random() - 0.5));

/** 4 x 3, rank 2, two samples. */
function update(more: Partial<LoraUpdate> = {}): LoraUpdate {
  return {
    adapter: { rank: 2, alpha: 4, A: values(8), B: values(6) },
    x: values(8),
    gradient: values(6, 0.01),
    learningRate: 0.01,
    ...more,
  };
}
const { adapter: _, ...next } = update();

describe('chains', () => {
  it('are updates that continue each other', () => {
    const chains = chainsOf([update(), next, next, update({ name: 'q' }), next]);
    expect(chains.map((c) => [c.name, c.indices, c.inputs, c.outputs, c.samples, c.mode])).toEqual([
      ['update 0', [0, 1, 2], 4, 3, 2, 'exact'],
      ['q', [3, 4], 4, 3, 2, 'exact'],
    ]);
    const after = { A: values(8), B: values(6) };
    expect(chainsOf([update({ after })])[0]!.mode).toBe('tolerance');
  });

  it('refuse what makes no sense, by name', () => {
    const adapter = { rank: 2, alpha: 4, A: values(8), B: values(6) };
    const bad: [string, LoraUpdate[]][] = [
      ['LORA_UPDATES', []],
      ['LORA_UPDATES', [next]],
      ['LORA_UPDATES', [update(), { ...next, x: values(4), gradient: values(3) }]],
      ['LORA_RANK', [update({ adapter: { ...adapter, rank: 0 } })]],
      ['LORA_RANK', [update({ adapter: { rank: 65, alpha: 1, A: values(65 * 65), B: values(65 * 65) } })]],
      ['LORA_RANK', [update({ adapter: { rank: 4, alpha: 1, A: values(16), B: values(12) } })]],
      ['LORA_ALPHA', [update({ adapter: { ...adapter, alpha: 1.5 } })]],
      ['WEIGHTS_SHAPE', [update({ adapter: { ...adapter, A: values(7) } })]],
      ['WEIGHTS_SHAPE', [update({ after: { A: values(8), B: values(8) } })]],
      ['DATA_SHAPE', [update({ x: values(7) })]],
      ['DATA_SHAPE', [update({ gradient: values(3) })]],
      ['VALUE_NOT_FINITE', [update({ gradient: [0, 0, Number.NaN, 0, 0, 0] })]],
      ['LEARNING_RATE_INVALID', [update({ learningRate: 0 })]],
    ];
    for (const [expected, list] of bad) expect(() => chainsOf(list)).toThrow(code(expected));
  });

  it('have one rule and, beside another than plain SGD, one learning rate and exact mode', () => {
    const momentum = { type: 'momentum', momentum: 0.75 } as const;
    expect(chainsOf([update({ optimizer: momentum }), next])[0]!.rule).toEqual(momentum);
    expect(chainsOf([update({ optimizer: { type: 'sgd' } }), { ...next, learningRate: 1 }])).toHaveLength(1);
    const after = { A: values(8), B: values(6) };
    const bad: [string, LoraUpdate[]][] = [
      ['LORA_UPDATES', [update(), { ...next, optimizer: momentum }]],
      ['LORA_UPDATES', [update({ optimizer: momentum }), { ...next, learningRate: 0.02 }]],
      ['OPTIMIZER_MODE', [update({ optimizer: momentum, after })]],
    ];
    for (const [expected, list] of bad) expect(() => chainsOf(list)).toThrow(code(expected));
  });
});

describe('numbers', () => {
  it('meet each learning rate exactly, and use the range of the gradients', () => {
    for (const learningRate of [1, 0.01, 3e-5]) {
      for (const size of [10, 0.01, 1e-6]) {
        const chain = chainsOf([update({ learningRate, gradient: values(6, size) })])[0]!;
        const [best] = numbersFor(chain);
        const { eta, gradientScales, spec, gradientBits } = best!;
        const rate = (Number(eta) * gradientScales[0]!) / 2 ** spec.scales.e;
        expect(rate).toBeCloseTo(learningRate, 12);
        const integers = quantiseGradient(chain.updates[0]!.gradient, gradientScales[0]!, spec.scales);
        const most = Math.max(...integers.map(Math.abs));
        expect(most).toBeLessThan(2 ** (2 * spec.scales.b - 2));
        expect(most).toBeLessThanOrEqual(2 ** gradientBits + 1);
      }
    }
  });

  it('take an eta for which B has an integer rate', () => {
    const adapter = { rank: 2, alpha: 3, A: values(8), B: values(6) };
    const [best] = numbersFor(chainsOf([update({ adapter })])[0]!);
    expect((best!.eta * 9n) % 4n).toBe(0n);
  });

  it('take a wider format for wide inputs, and refuse what none holds', () => {
    const format = (x: number) =>
      numbersFor(chainsOf([update({ x: [x, -x, 0, 0, 0, 0, 0, 0] })])[0]!)[0]!.format.name;
    expect(format(7)).toMatch(/default|fine/);
    expect(format(20)).toBe('wide');
    expect(format(100)).toBe('widest');
    expect(() => format(200)).toThrow(code('VALUE_OUT_OF_RANGE'));
  });

  it('of a rule are those asked for, whatever gradients are multiplied with', () => {
    for (const size of [10, 0.01, 1e-6]) {
      const gradient = values(6, size);
      const of = (optimizer: NonNullable<LoraUpdate['optimizer']>, learningRate = 0.01) => {
        const [best] = numbersFor(chainsOf([update({ optimizer, gradient, learningRate })])[0]!);
        const rule = effectiveHyperparameters(best!.spec, best!.eta);
        return { rule, scale: best!.gradientScales[0]!, bits: best!.gradientBits };
      };
      const momentum = of({ type: 'momentum', momentum: 0.75, weightDecay: 0.5 });
      expect(momentum.rule).toMatchObject({ type: 'momentum', momentum: 0.75 });
      expect(momentum.rule.learningRate * momentum.scale).toBeCloseTo(0.01, 12);
      expect(momentum.rule.learningRate * momentum.rule.weightDecay).toBeCloseTo(0.005, 6);
      const adam = of({ type: 'adamw', beta1: 0.75, beta2: 0.875, epsilon: 1e-3, weightDecay: 0.5 }, 0.001);
      expect(adam.rule).toMatchObject({ type: 'adamw', beta1: 0.75, beta2: 0.875 });
      expect(Math.abs(adam.rule.learningRate / 0.001 - 1)).toBeLessThan(0.01);
      expect(adam.rule.weightDecay * adam.rule.learningRate).toBeCloseTo(0.0005, 6);
      expect(adam.rule.epsilon! / adam.scale).toBeCloseTo(1e-3, 5);
      for (const { bits } of [momentum, adam]) expect(bits).toBeGreaterThan(8);
    }
    const refused = (optimizer: object, learningRate = 0.01) => {
      const chain = chainsOf([update({ optimizer: optimizer as never, learningRate })])[0]!;
      return () => numbersFor(chain);
    };
    expect(refused({ type: 'sgd', weightDecay: 1e-9 })).toThrow(code('OPTIMIZER_UNREPRESENTABLE'));
    expect(refused({ type: 'sgd', weightDecay: 1e-9 })).toThrow(/weight decay 1e-9/);
    expect(refused({ type: 'adamw' }, 0.5)).toThrow(code('LEARNING_RATE_UNREPRESENTABLE'));
    expect(refused({ type: 'momentum', momentum: 1 })).toThrow(code('OPTIMIZER_INVALID'));
  });

  it('have formats whose weights are whole limbs', () => {
    for (const { scales } of loraFormats) expect((scales.a + scales.d + scales.e) % scales.b).toBe(0);
  });
});

describe('the choice', () => {
  const hardware: HardwareMeasurement = {
    engine: 'native',
    cores: 4,
    oneThreadMs: 100,
    allThreadsMs: 40,
    keyMs: 50,
    cells: 1000,
    measurementMs: 300,
  };
  const window = (cells: number, name = cells): LoraWindow =>
    ({
      spec: { batch: name } as SgdSpec,
      info: { rows: cells, adviceColumns: 1, proofBytes: 0, memoryBytes: 0 },
      first: 0,
      count: 1,
    }) as unknown as LoraWindow;
  const pick = (candidates: [number, LoraWindow[]][], h = hardware, limits = {}, costs = new Costs(h)) =>
    choose(
      candidates.map(([w, windows]) => ({ window: w, windows })),
      costs,
      h,
      limits,
    ).choice;

  it('gives one proof all cores, and many proofs one each', () => {
    expect(pick([[1, [window(1000)]]])).toMatchObject({ workers: 1, threads: 4, proofs: 1 });
    const many = Array.from({ length: 8 }, () => window(1000));
    expect(pick([[1, many]])).toMatchObject({ workers: 4, threads: 1, proofs: 8 });
    expect(pick([[1, many]], hardware, { workers: 1 })).toMatchObject({ workers: 1, threads: 4 });
    expect(pick([[1, many]], hardware, { threads: 2 })).toMatchObject({ threads: 2 });
  });

  it('takes the window with the least expected time, by what proofs really took', () => {
    const eight = Array.from({ length: 8 }, () => window(1000));
    const one = [window(2500)];
    expect(
      pick([
        [1, eight],
        [8, one],
      ]),
    ).toMatchObject({ window: 8, proofs: 1 });
    const costs = new Costs(hardware);
    costs.learn(one[0]!, 5000, 1);
    // It took twenty times longer than expected: so may the others, of which nothing is known yet.
    expect(costs.proofMs(eight[0]!)).toBe(2000);
    costs.learn(eight[0]!, 100, 1);
    const again = pick(
      [
        [1, eight],
        [8, one],
      ],
      hardware,
      {},
      costs,
    );
    expect(again).toMatchObject({ window: 1, proofs: 8, expectedMs: 200 });
  });

  it('gives a WebAssembly proof one thread or all', () => {
    const three = Array.from({ length: 2 }, () => window(1000));
    const { workers, threads } = pick([[1, three]], { ...hardware, engine: 'wasm' });
    expect([1, 4]).toContain(threads);
    expect(workers * threads).toBeLessThanOrEqual(4);
  });

  it('gives a WebAssembly proof no more threads than it may have, whatever the machine has', () => {
    const large = { ...hardware, cores: 128 };
    expect(pick([[1, [window(1000)]]], { ...large, engine: 'wasm' })).toMatchObject({
      workers: 1,
      threads: 64,
    });
    expect(pick([[1, [window(1000)]]], large)).toMatchObject({ workers: 1, threads: 128 });
  });

  it('knows nothing of threads where there is one core', () => {
    const alone = { ...hardware, cores: 1, allThreadsMs: 100 };
    expect(pick([[1, [window(1000)]]], alone)).toMatchObject({ workers: 1, threads: 1, expectedMs: 150 });
  });
});
