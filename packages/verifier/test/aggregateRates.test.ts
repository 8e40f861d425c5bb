/** The schedule of an aggregate whose steps have rates of their own, as a verifier recomputes it. */
import { scheduleHash } from '@proof-of-training/aggregator';
import { isPotError } from '@proof-of-training/halo2-wasm';
import { stepRates } from '@proof-of-training/sgd-circuit';
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

async function outcome(run: ReturnType<typeof runOf>, schedule: string, firstStep = 0, endStep = 10) {
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
