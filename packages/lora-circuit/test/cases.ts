/** Seeded networks with adapters, as integers: for the oracle's own tests and for the executor's. */
import fc from 'fast-check';
import type { LoraOracleSpec } from './oracle.js';
import { type OracleRule, oracleStates } from './oracleOptimizer.js';

/** A case: an architecture with adapters, integers for everything, and a learning rate. */
export interface LoraCase {
  spec: LoraOracleSpec;
  /** The checkpoint: with an optimiser its state too. */
  weights: bigint[];
  base: bigint[];
  x: bigint[][];
  y: bigint[][];
  eta: bigint;
}

export type Scales = LoraOracleSpec['scales'];

/** The specification of a window of one step, for the executor. */
export function specJson(spec: LoraOracleSpec): string {
  const half = 2 ** (spec.scales.b - 1);
  const offset = spec.loss === 'meanSquaredError' && !spec.lora.local ? half : 0;
  return JSON.stringify({
    kind: 'window',
    mode: 'exact',
    ...spec,
    steps: 1,
    xOffset: half,
    yOffset: offset,
    toleranceLimbs: 0,
  });
}

/** Rows of data or labels as the executor takes them. */
export const ints = (rows: bigint[][]) => Int32Array.from(rows.flat(), Number);

/** A seeded generator of numbers below n. */
export function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state * 48271) % 2147483647;
    return state % n;
  };
}

/** alpha and rank pairs whose ratio is an integer, a half, and others. */
const ratios = [
  { rank: 1, alpha: 1 },
  { rank: 1, alpha: 3 },
  { rank: 2, alpha: 2 },
  { rank: 2, alpha: 1 },
  { rank: 2, alpha: 8 },
  { rank: 3, alpha: 2 },
  { rank: 3, alpha: 6 },
  { rank: 4, alpha: 16 },
];

const styles = ['random', 'ties', 'zeros', 'large'] as const;

const shapes = fc.record({
  widths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
  relu: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  bias: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  adapted: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  softmax: fc.boolean(),
  batch: fc.integer({ min: 1, max: 4 }),
  less: fc.integer({ min: 0, max: 20 }),
  style: fc.constantFrom(...styles),
  size: fc.integer({ min: -6, max: 3 }),
  eta: fc.integer({ min: 1, max: 2 ** 17 - 1 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
});

/** Integers of about `bits` bits; with style `ties` odd multiples of half of `one`. */
function integer(
  next: (n: number) => number,
  style: (typeof styles)[number],
  one: number,
  size: number,
): bigint {
  if (style === 'zeros' && next(3) > 0) return 0n;
  if (style === 'ties') return BigInt(next(41) - 20) << BigInt(one - 1);
  const spread = Math.max(2, style === 'large' ? one + 5 : one + size);
  const bits = BigInt(next(2 ** 30)) * 2n ** 30n + BigInt(next(2 ** 30));
  return (bits >> BigInt(Math.max(0, 60 - spread))) - (1n << BigInt(Math.min(59, spread - 1)));
}

/** Rates that each B' can have, nearest to `eta`; undefined where there is none. */
function fittingEta(adapters: LoraOracleSpec['lora']['adapters'], eta: number): bigint | undefined {
  const fits = (v: number) =>
    adapters.every((s) => {
      if (!s) return true;
      const etaB = (v * s.alpha ** 2) / s.rank ** 2;
      return Number.isInteger(etaB) && etaB < 2 ** 17;
    });
  for (let v = eta; v > Math.max(0, eta - 200); v--) if (fits(v)) return BigInt(v);
  for (let v = Math.min(eta, 2048); v > 0; v--) if (fits(v)) return BigInt(v);
  return undefined;
}

/** Networks of one to three layers with adapters on any of them, in one of `formats`. */
export function networks(formats: readonly Scales[]): fc.Arbitrary<LoraCase> {
  return fc.tuple(shapes, fc.constantFrom(...formats)).map(([shape, scales]) => {
    const { widths, softmax, batch, style, size, seed } = shape;
    const next = numbers(seed);
    const count = widths.length - 1;
    const layers = widths.slice(1).map((outputs, l) => {
      const hidden = shape.relu[l] ? ('relu' as const) : ('linear' as const);
      const activation = l < count - 1 ? hidden : softmax ? ('softmax' as const) : ('linear' as const);
      return { inputs: widths[l]!, outputs, activation, bias: shape.bias[l]! };
    });
    const forced = next(count);
    const adapters = layers.map(({ inputs, outputs }, l) => {
      if (!shape.adapted[l] && l !== forced) return null;
      const possible = ratios.filter((r) => r.rank <= Math.min(inputs, outputs));
      return possible[next(possible.length)]!;
    });
    const w = scales.a + scales.d + scales.e;
    const baseBits = Math.max(4, w - shape.less);
    const weights = adapters.flatMap((s, l) => {
      const { inputs, outputs } = layers[l]!;
      return Array.from({ length: s ? s.rank * (inputs + outputs) : 0 }, () => integer(next, style, w, size));
    });
    const frozen = layers.reduce((n, l) => n + l.outputs * (l.inputs + (l.bias ? 1 : 0)), 0);
    // What the genesis proof shows of a base: whole limbs for four bits more than its fraction.
    const limit = 2n ** BigInt(scales.b * Math.ceil((baseBits + 4) / scales.b) - 1) - 1n;
    const base = Array.from({ length: frozen }, () => {
      const value = integer(next, style, baseBits, size);
      return value > limit ? limit : value < -limit ? -limit : value;
    });
    const half = 2 ** (scales.b - 1);
    const cell = () => BigInt(style === 'ties' ? next(3) - 1 : next(2 * half) - half);
    const rows = (width: number, value: () => bigint) =>
      Array.from({ length: batch }, () => Array.from({ length: width }, value));
    const outputs = widths[count]!;
    const y = softmax
      ? rows(outputs, () => 0n).map((row) => {
          row[next(outputs)] = 1n;
          return row;
        })
      : rows(outputs, cell);
    return {
      spec: {
        layers,
        loss: softmax ? 'softmaxCrossEntropy' : 'meanSquaredError',
        batch,
        scales,
        lora: { adapters, baseBits, local: false },
      },
      weights,
      base,
      x: rows(widths[0]!, cell),
      y,
      eta: fittingEta(adapters, shape.eta) ?? BigInt(shape.eta),
    };
  });
}

/** Layer-local cases: one layer, its input, and a gradient of any size that may be given. */
export function localCases(formats: readonly Scales[]): fc.Arbitrary<LoraCase> {
  return fc.tuple(shapes, fc.constantFrom(...formats)).map(([shape, scales]) => {
    const { widths, batch, style, size, seed } = shape;
    const next = numbers(seed);
    const [inputs, outputs] = [widths[0]!, widths[1]!];
    const possible = ratios.filter((r) => r.rank <= Math.min(inputs, outputs));
    const adapters = [possible[next(possible.length)]!];
    const w = scales.a + scales.d + scales.e;
    const { rank } = adapters[0]!;
    const half = 2 ** (scales.b - 1);
    // One in eight gradients is as large as there is room for, and may be one too large.
    const delta = () => {
      if (next(8) > 0 || style !== 'large') return BigInt(next(2 ** (scales.d + 1)) - 2 ** scales.d);
      const limit = 1n << BigInt(2 * scales.b - 1);
      return next(2) === 0 ? limit - BigInt(next(2)) : -limit - BigInt(next(2));
    };
    const rows = (width: number, value: () => bigint) =>
      Array.from({ length: batch }, () => Array.from({ length: width }, value));
    return {
      spec: {
        layers: [{ inputs, outputs, activation: 'linear', bias: false }],
        loss: 'meanSquaredError',
        batch,
        scales,
        lora: { adapters, baseBits: 0, local: true },
      },
      weights: Array.from({ length: rank * (inputs + outputs) }, () => integer(next, style, w, size)),
      base: [],
      x: rows(inputs, () => BigInt(style === 'ties' ? next(3) - 1 : next(2 * half) - half)),
      y: rows(outputs, delta),
      eta: fittingEta(adapters, shape.eta) ?? BigInt(shape.eta),
    };
  });
}

/** Several steps with an optimiser: on one batch, from a step number on. */
export interface OptimizerCase extends LoraCase {
  first: bigint;
  steps: number;
}

const rules = ['sgd', 'momentum', 'momentum+decay', 'adam', 'adam+decay'] as const;
export type CaseRule = (typeof rules)[number];
/** The optimisers that {@link optimised} chooses from. */
export const caseRules: readonly CaseRule[] = rules;

/** Factors as they are used, and the smallest and largest ones. */
function ruleOf(kind: CaseRule, b: number, next: (n: number) => number): OracleRule {
  const one = 2 ** b;
  const factor = (usual: number) =>
    next(3) > 0 ? Math.min(one - 1, Math.round(usual * one)) : [1, one - 1, 1 + next(one - 1)][next(3)]!;
  const largest = 2 ** (2 * b - 4) - 1;
  const decay = kind === 'sgd' || kind.endsWith('decay') ? 1 + next(next(3) === 0 ? largest : 200) : 0;
  if (kind === 'sgd') return { rule: 'sgd', decay };
  if (kind.startsWith('momentum')) return { rule: 'momentum', momentum: factor(0.9), decay };
  const epsilon = [1, 1 + next(1000), 1 + next(2 ** 24)][next(3)]!;
  return { rule: 'adam', beta1: factor(0.9), beta2: factor(0.999), epsilon, decay };
}

/**
 * Cases with an optimiser of each kind, some steps long: from a state of zeros and step 0, or in the middle of a run, whose state
 * may be as large as it can be.
 */
export function optimised(cases: fc.Arbitrary<LoraCase>): fc.Arbitrary<OptimizerCase> {
  const more = fc.record({
    kind: fc.constantFrom(...rules),
    middle: fc.boolean(),
    steps: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  });
  return fc.tuple(cases, more).map(([c, { kind, middle, steps, seed }]) => {
    const next = numbers(seed);
    const { b } = c.spec.scales;
    const optimizer = ruleOf(kind, b, next);
    const below = (bits: number) =>
      (BigInt(next(2 ** 30)) * 2n ** 30n + BigInt(next(2 ** 30))) >> BigInt(60 - bits);
    const wide = b * Math.ceil(33 / b);
    const first = () => {
      const bits = next(20) === 0 ? wide : 8 + next(wide - 8);
      return below(bits) - (1n << BigInt(bits - 1));
    };
    const second = () => below(next(20) === 0 ? 60 : 8 + next(50)) * (next(20) === 0 ? 4n : 1n);
    const state = c.weights.flatMap(() => Array<() => bigint>(oracleStates(optimizer)).fill(first));
    if (optimizer.rule === 'adam') state.fill(second, c.weights.length);
    return {
      ...c,
      spec: { ...c.spec, lora: { ...c.spec.lora, optimizer } },
      // Every one is a rate of Adam's.
      eta: optimizer.rule === 'adam' ? BigInt(1 + next(2 ** 20 - 1)) : c.eta,
      weights: [...c.weights, ...state.map((value) => (middle ? value() : 0n))],
      first: middle ? [BigInt(next(40)), BigInt(next(10_000)), below(50)][next(3)]! : 0n,
      steps,
    };
  });
}
