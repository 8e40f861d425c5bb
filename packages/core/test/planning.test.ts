import { loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { profiles, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { describe, expect, it } from 'vitest';
import { type CircuitLimit, cellsUpTo, memoryBudgetOf, rowsUpTo } from '../src/plan/limits.js';
import { longestWindow, planCircuit } from '../src/plan/planCircuit.js';
import { planWindow } from '../src/session/planning.js';

const MB = 2 ** 20;

const spec: UnplannedSpec = {
  kind: 'window',
  mode: 'exact',
  layers: [
    { inputs: 784, outputs: 128, activation: 'relu', bias: true },
    { inputs: 128, outputs: 10, activation: 'softmax', bias: true },
  ],
  loss: 'softmaxCrossEntropy',
  batch: 32,
  steps: 1,
  scales: profiles.default,
  xOffset: 0,
  yOffset: 0,
  toleranceLimbs: 0,
};

it('a window that will be aggregated has fewer columns, in more rows', async () => {
  const halo2 = await loadProver();
  const [fast, narrow] = [false, true].map(
    (aggregated) => planWindow(halo2, spec, { aggregated }).spec.shape,
  );
  expect(narrow!.weightColumns).toBeLessThan(fast!.weightColumns);
  expect(narrow!.k).toBeGreaterThan(fast!.k);
});

/** The planner gives it 2^15 rows and 556 MB, or 2^14 and 471 MB where it may have no more. */
const wide: UnplannedSpec = {
  ...spec,
  layers: [
    { inputs: 784, outputs: 512, activation: 'relu', bias: true },
    { inputs: 512, outputs: 10, activation: 'softmax', bias: true },
  ],
};
/** At least 2^17 rows. */
const long: UnplannedSpec = {
  ...spec,
  layers: [
    { inputs: 64, outputs: 64, activation: 'relu', bias: true },
    { inputs: 64, outputs: 10, activation: 'softmax', bias: true },
  ],
  batch: 1024,
};

describe('planCircuit', () => {
  const tooLarge = (details: object) =>
    expect.objectContaining({ code: 'CIRCUIT_TOO_LARGE', details: expect.objectContaining(details) });

  it("stays within the ceremony's rows where a circuit fits them, and only where no string was given", async () => {
    const halo2 = await loadProver();
    const k = (wanted: UnplannedSpec, wish = {}) => planCircuit(halo2, wanted, wish).spec.shape.k;
    expect(k(wide)).toBe(14);
    expect(k(wide, { srs: 'development' })).toBe(15);
    expect(k(wide, { aggregated: true })).toBe(15);
    expect(k(wide, { k: 15 })).toBe(15);
    expect(k(long)).toBeGreaterThan(14);
  });

  it('refuses a circuit beyond a limit, and takes the one within the rows that keeps it', async () => {
    const halo2 = await loadProver();
    const limits = [memoryBudgetOf(500 * MB)];
    expect(planCircuit(halo2, wide, { limits }).spec.shape.k).toBe(14);
    const free = { srs: 'development', limits } as const;
    expect(() => planCircuit(halo2, wide, free)).toThrow(tooLarge({ budgetBytes: 500 * MB }));
    const cells = { limits: [cellsUpTo(1_000_000)] };
    expect(() => planCircuit(halo2, wide, cells)).toThrow(tooLarge({ maxConstraints: 1_000_000 }));
    const rows = { aggregated: true, limits: [rowsUpTo(14)] };
    expect(() => planCircuit(halo2, wide, rows)).toThrow(tooLarge({ k: 15, maxK: 14 }));
  });

  it('gives the longest window that keeps the limits', async () => {
    const halo2 = await loadProver();
    const steps = { ...spec, steps: 16 };
    const wish = { limits: [memoryBudgetOf(500 * MB)] };
    const fits = longestWindow(halo2, steps, wish)!;
    expect(planCircuit(halo2, { ...steps, steps: fits }, wish).spec.steps).toBe(fits);
    expect(() => planCircuit(halo2, { ...steps, steps: 2 * fits }, wish)).toThrow(tooLarge({}));
    expect(longestWindow(halo2, steps, { limits: [memoryBudgetOf(1)] })).toBeUndefined();
  });

  it('hides no fault of the program', async () => {
    const halo2 = await loadProver();
    const limits = [
      () => {
        throw new Error('a fault of the program');
      },
    ];
    expect(() => longestWindow(halo2, { ...spec, steps: 2 }, { limits })).toThrow('a fault of the program');
  });

  it.each([
    [
      'an engine that broke',
      () => {
        throw new PotError('WASM_POISONED', 'an earlier call panicked');
      },
      'WASM_POISONED',
    ],
    [
      'a limit that asks for what is none',
      () => new PotError('OPTION_INVALID', 'no limit'),
      'OPTION_INVALID',
    ],
  ] as [string, CircuitLimit, string][])(
    'takes %s for no circuit that is too large',
    async (_, limit, expected) => {
      const halo2 = await loadProver();
      const wish = { limits: [limit] };
      expect(() => longestWindow(halo2, { ...spec, steps: 8 }, wish)).toThrow(
        expect.objectContaining({ code: expected }),
      );
      const wrong = { ...spec, steps: 8, batch: 0 };
      expect(() => longestWindow(halo2, wrong, {})).toThrow(
        expect.objectContaining({ code: 'SPEC_INVALID' }),
      );
    },
  );
});
