/** The schedule of an aggregate whose steps have rates of their own, as a verifier recomputes it. */
import { scheduleBeginning, scheduleHash, scheduleStart, windowParts } from '@proof-of-training/aggregator';
import { isPotError } from '@proof-of-training/halo2-wasm';
import { etaOfStep, type RateSchedule, stepRates } from '@proof-of-training/sgd-circuit';
import { expect, it } from 'vitest';
import { bundleFixture } from '../../core/test/fixtures/bundle.js';
import type { AggregateFile } from '../src/aggregate/file.js';
import { aggregatedRun } from '../src/aggregate/run.js';
import { poseidonPair } from '../src/hash/poseidon.js';
import { scheduleOf } from '../src/run/seeds.js';
import { checkSchedule } from '../src/verify/aggregateSchedule.js';
import { Pace } from '../src/verify/pace.js';

const optimizer = { rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 23, decay: 0 } as const;
const lora = { adapters: [{ rank: 2, alpha: 3 }], baseBits: 12, local: false, optimizer };

/** A run by Adam, or, without its optimiser, by plain SGD; three shards, two steps a window. */
function runOf(rule: 'adam' | 'sgd', eta = '4194') {
  const { shards: _, ...run } = bundleFixture().run;
  const { optimizer: __, ...plain } = lora;
  return { ...run, eta, spec: { ...run.spec, lora: rule === 'adam' ? lora : plain }, shardCount: 3 };
}

type TestRun = ReturnType<typeof runOf> & { schedule?: RateSchedule };

async function outcome(run: TestRun, schedule: string, firstStep = 0, endStep = 10) {
  const own = aggregatedRun(run, run.shardCount, poseidonPair);
  const file = { run, aggregate: { public: { firstStep, endStep, weightsIn: run.genesis, schedule } } };
  try {
    const order = scheduleOf(run, run.shardCount);
    return await checkSchedule(file as unknown as AggregateFile, own, order, new Pace({}));
  } catch (e) {
    if (isPotError(e)) return e.code;
    throw e;
  }
}

const run = runOf('adam');
const own = aggregatedRun(run, run.shardCount, poseidonPair);
const rates = own.rates!;

it('takes the rates that follow from eta, the factors and the steps', async () => {
  expect([0, 3].flatMap((n) => [...rates(n)])).toEqual([
    ...stepRates(run.spec, 4194n, 0, 2),
    ...stepRates(run.spec, 4194n, 6, 2),
  ]);
  expect(await outcome(run, scheduleHash(own, 5))).toMatch(/each step at the rate of its number/);
  // A part has the rates of its own steps, and a chain of its own.
  expect(await outcome(run, scheduleHash(own, 5, 2), 4)).toMatch(/each step at the rate of its number/);
  expect(await outcome(run, scheduleHash(own, 5), 4)).toBe('RUN_SCHEDULE');
});

it.each<[string, (window: number) => readonly bigint[]]>([
  ['two windows swapped', (n) => rates([1, 0, 2, 3, 4][n]!)],
  ['two steps swapped', (n) => (n === 3 ? [...rates(n)].reverse() : rates(n))],
  ['another rate in one step', (n) => (n === 4 ? [rates(n)[0]!, rates(n)[1]! + 2n] : rates(n))],
  ['a step without a rate', (n) => (n === 2 ? rates(n).slice(1) : rates(n))],
  ['a step with two', (n) => (n === 2 ? [...rates(n), rates(n)[1]!] : rates(n))],
  ['rates counted from another step', (n) => rates(n + 1)],
  ['one rate for all', () => [4194n, 4194n]],
])('refuses %s', async (_, other) => {
  expect(await outcome(run, scheduleHash({ ...own, rates: other }, 5))).toBe('RUN_SCHEDULE');
});

it('a run of rates does not pass for one of a constant rate, nor the other way round', async () => {
  const { at, pair } = own;
  const constant = aggregatedRun(runOf('sgd'), 3, poseidonPair);
  expect(constant.rates).toBeUndefined();
  // Another run id changes no schedule: what differs is the rule alone.
  expect(await outcome(runOf('sgd'), scheduleHash(constant, 5))).not.toMatch(/rate of its number/);
  expect(await outcome(run, scheduleHash({ at, pair }, 5))).toBe('RUN_SCHEDULE');
  expect(await outcome(runOf('sgd'), scheduleHash(own, 5))).toBe('RUN_SCHEDULE');
});

it('refuses a rate beyond what the bounds of the circuit assume', async () => {
  const wide = runOf('adam', '1048575');
  const adapters = [{ rank: 1, alpha: 1024 }];
  const far = {
    ...wide,
    spec: { ...wide.spec, lora: { ...lora, adapters, optimizer: { ...optimizer, beta1: 4095, beta2: 1 } } },
  };
  expect(await outcome(far as typeof wide, run.genesis)).toBe('ETA_RANGE');
});

const cosine = { type: 'cosine', warmup: 2, steps: 20, end: 2 ** 28 } as const;
const changing: TestRun = { ...runOf('sgd', '8192'), schedule: cosine };
const ownRates = aggregatedRun(changing, changing.shardCount, poseidonPair);
const etaOf = ownRates.etaOf!;

it('takes each window at the rate that the schedule has for its first step', async () => {
  const etas = [0, 1, 2, 3, 4].map(etaOf);
  expect(etas).toEqual(
    [0, 2, 4, 6, 8].map((step) => etaOfStep(changing.spec, 8192n, cosine, step).toString()),
  );
  expect(new Set(etas).size).toBe(5);
  expect(ownRates.eta).toBe('8192');
  expect(await outcome(changing, scheduleHash(ownRates, 5))).toMatch(/each step at the rate of its number/);
  // A part has the rates of its own windows, and a chain of its own.
  expect(await outcome(changing, scheduleHash(ownRates, 5, 2), 4)).toMatch(/rate of its number/);
  expect(await outcome(changing, scheduleHash(ownRates, 5), 4)).toBe('RUN_SCHEDULE');
});

it.each<[string, (window: number) => string]>([
  ['two windows swapped', (n) => etaOf([1, 0, 2, 3, 4][n]!)],
  ['the first two in a ring with the last', (n) => etaOf([4, 0, 2, 3, 1][n]!)],
  ['another rate in one window', (n) => (n === 3 ? String(BigInt(etaOf(n)) + 4n) : etaOf(n))],
  ['another rate in the last window', (n) => (n === 4 ? etaOf(3) : etaOf(n))],
  ['rates counted from another window', (n) => etaOf(n + 1)],
  ["the run's rate for all", () => '8192'],
  ['a rate of 0', (n) => (n === 2 ? '0' : etaOf(n))],
])('refuses windows of a changing rate with %s', async (_, other) => {
  expect(await outcome(changing, scheduleHash({ ...ownRates, etaOf: other }, 5))).toBe('RUN_SCHEDULE');
});

it('refuses a chain in which a rate is left out or put in, and a run with one rate for one that changes', async () => {
  const { at, pair } = ownRates;
  const constant: TestRun = runOf('sgd', '8192');
  expect(await outcome(changing, scheduleHash({ at, pair }, 5))).toBe('RUN_SCHEDULE');
  expect(await outcome(constant, scheduleHash(ownRates, 5))).toBe('RUN_SCHEDULE');
  expect(await outcome(constant, scheduleHash({ at, pair, etaOf: () => '8192' }, 5))).toBe('RUN_SCHEDULE');
  const begun = scheduleBeginning(ownRates, 0);
  const parts = [0, 1, 2, 3, 4].map((n) => windowParts(ownRates, n));
  const chain = (own: string[][], from = begun) => own.flat().reduce(pair, from);
  expect(await outcome(changing, chain(parts))).toMatch(/rate of its number/);
  for (const n of [0, 2, 4]) {
    const without = parts.map((own, i) => (i === n ? own.slice(0, -1) : own));
    expect(await outcome(changing, chain(without)), `the rate of window ${n} left out`).toBe('RUN_SCHEDULE');
    const twice = parts.map((own, i) => (i === n ? [...own, own.at(-1)!] : own));
    expect(await outcome(changing, chain(twice)), `the rate of window ${n} twice`).toBe('RUN_SCHEDULE');
  }
  // Begun as a run with one rate, or as one of steps' own rates, of which a window has one.
  expect(await outcome(changing, chain(parts, scheduleStart(pair)))).toBe('RUN_SCHEDULE');
  expect(await outcome(changing, chain(parts, scheduleStart(pair, 1)))).toBe('RUN_SCHEDULE');
});

it("another schedule of the same run's has other rates", async () => {
  for (const schedule of [
    { ...cosine, steps: 21 },
    { ...cosine, warmup: 3 },
    { ...cosine, end: 0 },
    { type: 'constant', warmup: 2 },
  ] as const) {
    expect(await outcome({ ...changing, schedule }, scheduleHash(ownRates, 5))).toBe('RUN_SCHEDULE');
  }
});

it("Adam's steps have rates that follow from their window's, and both are in the chain", async () => {
  const adam: TestRun = { ...runOf('adam'), schedule: cosine };
  const both = aggregatedRun(adam, adam.shardCount, poseidonPair);
  const eta = etaOfStep(adam.spec, 4194n, cosine, 6);
  expect(both.etaOf!(3)).toBe(eta.toString());
  expect(both.rates!(3)).toEqual(stepRates(adam.spec, eta, 6, 2));
  expect(windowParts(both, 3)).toHaveLength(5);
  expect(await outcome(adam, scheduleHash(both, 5))).toMatch(/rate of its number/);
  for (const other of [
    { etaOf: both.etaOf },
    { rates: both.rates },
    { etaOf: () => '4194', rates: both.rates },
    { etaOf: both.etaOf, rates: own.rates },
  ]) {
    const { at, pair } = both;
    expect(await outcome(adam, scheduleHash({ at, pair, ...other }, 5))).toBe('RUN_SCHEDULE');
  }
});
