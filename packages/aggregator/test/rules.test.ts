import { isPotError } from '@proof-of-training/halo2-wasm';
import { expect, it } from 'vitest';
import type { WindowProof } from '../src/aggregate.js';
import { checkWindows } from '../src/rules.js';
import type { OpenRun } from '../src/run.js';
import { hex, toyRun, toyWindows } from './helpers/toyRun.js';

/** The refusal of these windows, with the window's number; undefined where they keep all rules. */
function refusal(windows: WindowProof[], run: OpenRun = toyRun()): [string, unknown] | undefined {
  try {
    checkWindows(run, windows);
    return undefined;
  } catch (e) {
    if (isPotError(e)) return [e.code, e.details.window];
    throw e;
  }
}

function altered(n: number, change: Partial<WindowProof['public']>): WindowProof[] {
  return toyWindows(5).map((w, i) => (i === n ? { ...w, public: { ...w.public, ...change } } : w));
}

it('takes windows that keep the rules, over more than one epoch', () => {
  for (const count of [1, 2, 5]) expect(refusal(toyWindows(count))).toBeUndefined();
});

it.each<[string, WindowProof[], string, number]>([
  ['a gap', toyWindows(5).filter((_, i) => i !== 2), 'AGGREGATE_STEPS', 2],
  ['a window left out at the beginning', toyWindows(5).slice(1), 'AGGREGATE_STEPS', 0],
  ['two windows swapped', [1, 0, 2].map((n) => toyWindows(3)[n]!), 'AGGREGATE_STEPS', 0],
  ['a window twice', [0, 1, 1, 2].map((n) => toyWindows(3)[n]!), 'AGGREGATE_STEPS', 2],
  ['another run', altered(3, { runId: hex(2) }), 'AGGREGATE_RUN', 3],
  ['another rate', altered(1, { eta: '52' }), 'AGGREGATE_RATE', 1],
  ['weights that do not continue', altered(2, { weightsIn: hex(77) }), 'AGGREGATE_WEIGHTS', 2],
  ['other first weights', altered(0, { weightsIn: hex(77) }), 'AGGREGATE_WEIGHTS', 0],
  ['a shard that the schedule does not name', altered(1, { data: hex(21) }), 'AGGREGATE_SCHEDULE', 1],
  ['a shard used twice in an epoch', altered(2, { data: hex(22) }), 'AGGREGATE_SCHEDULE', 2],
  ['another epoch', altered(4, { epoch: 0 }), 'AGGREGATE_SCHEDULE', 4],
  ['a base where there is none', altered(4, { base: hex(8) }), 'AGGREGATE_BASE', 4],
])('refuses %s', (_, windows, code, window) => {
  expect(refusal(windows)).toEqual([code, window]);
});

it('refuses a run without a base where the windows have none, and another base', () => {
  expect(refusal(toyWindows(1), toyRun({ base: hex(8) }))).toEqual(['AGGREGATE_BASE', 0]);
});

it('refuses no windows, and a transcript that no circuit reads', () => {
  expect(refusal([])).toEqual(['AGGREGATE_EMPTY', undefined]);
  for (const transcript of ['blake2b', undefined] as const) {
    const run = toyRun({ transcript });
    expect(refusal(toyWindows(2), run)).toEqual(['AGGREGATE_TRANSCRIPT', undefined]);
    expect(() => checkWindows(run, toyWindows(2))).toThrow(/transcript 'poseidon'/);
  }
});

it('takes each window at the rate that the schedule has for it, and at no other', () => {
  const run = toyRun({ etaOf: (n) => String(50 - 2 * n) });
  const windows = toyWindows(5, run);
  expect(refusal(windows, run)).toBeUndefined();
  // The run's own rate is none of its windows'.
  expect(refusal(toyWindows(5), run)).toEqual(['AGGREGATE_RATE', 0]);
  expect(refusal(windows)).toEqual(['AGGREGATE_RATE', 0]);
  const rates = (etas: number[]) =>
    windows.map((w, n) => ({ ...w, public: { ...w.public, eta: String(etas[n]) } }));
  expect(refusal(rates([50, 48, 46, 44, 42]), run)).toBeUndefined();
  expect(refusal(rates([50, 46, 48, 44, 42]), run)).toEqual(['AGGREGATE_RATE', 1]);
  expect(refusal(rates([50, 48, 46, 44, 44]), run)).toEqual(['AGGREGATE_RATE', 4]);
});
