/** Aggregates of a run whose commitments were renewed: what a verifier takes of the list of renewals, and of the windows' hash. */
import { formOf, scheduleBeginning, scheduleHash, windowParts } from '@proof-of-training/aggregator';
import { isPotError } from '@proof-of-training/halo2-wasm';
import { expect, it } from 'vitest';
import { bundleFixture } from '../../core/test/fixtures/bundle.js';
import type { Renewed } from '../src/aggregate/contents.js';
import type { AggregateFile } from '../src/aggregate/file.js';
import { aggregatedRun } from '../src/aggregate/run.js';
import { merkleRoot } from '../src/dataset/merkle.js';
import { poseidonPair } from '../src/hash/poseidon.js';
import { scheduleOf } from '../src/run/seeds.js';
import { contentsOfFile } from '../src/verify/aggregateRenewals.js';
import { checkSchedule } from '../src/verify/aggregateSchedule.js';
import { Pace } from '../src/verify/pace.js';

const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const shards = [1, 2, 3].map(hex);
const { shards: _, ...fixture } = bundleFixture().run;
/** Three shards, a frozen base; twelve windows are four epochs. */
const run = {
  ...fixture,
  shards,
  base: hex(9),
  shardCount: 3,
  datasetRoot: merkleRoot(shards, poseidonPair),
};
const schedule = scheduleOf(run, 3);
const END = 12;
/** The first window from `from` on that uses a shard. */
const use = (shard: number, from: number) => {
  for (let n = from; ; n++) if (schedule.at(n).shard === shard) return n;
};

function entry(
  shard: number | undefined,
  before: string,
  after: string,
  window: number,
): Renewed['renewals'][number] {
  const content = shard === undefined ? 'base' : 'data';
  const statement = { runId: run.runId, content, before, after } as const;
  return { ...(shard !== undefined && { shard }), public: statement, proof: 'AAAA', window };
}

/** Shard 1 is renewed twice, shard 2 and the base once. */
const renewals = [
  entry(1, shards[1]!, hex(21), use(1, 3)),
  entry(undefined, hex(9), hex(31), 5),
  entry(2, shards[2]!, hex(22), use(2, 6)),
  entry(1, hex(21), hex(23), use(1, 9)),
].sort((a, b) => a.window - b.window);
const honest: Renewed = { shards, renewals };

function fileOf(renewed: Renewed, hash = hex(0)): AggregateFile {
  const statement = { firstStep: 0, endStep: END * run.spec.steps, weightsIn: run.genesis, schedule: hash };
  return { run, renewed, aggregate: { public: statement } } as unknown as AggregateFile;
}

const contentsOf = (renewed: Renewed) =>
  contentsOfFile(fileOf(renewed), renewed, schedule, poseidonPair, new Pace({}));

async function outcome(renewed: Renewed, hash: string): Promise<string> {
  try {
    const own = aggregatedRun(run, 3, poseidonPair, schedule, await contentsOf(renewed));
    return await checkSchedule(fileOf(renewed, hash), own, schedule, new Pace({}));
  } catch (e) {
    if (isPotError(e)) return e.code;
    throw e;
  }
}

const opened = async () => aggregatedRun(run, 3, poseidonPair, schedule, await contentsOf(honest));

it('takes the commitments that windows must have used, each from its first window on', async () => {
  const own = await opened();
  expect(formOf(own)).toEqual({ renewed: true });
  for (let n = 0; n < END; n++) {
    const { shard } = schedule.at(n);
    const begun = renewals.filter((r) => r.shard === shard && r.window <= n).at(-1);
    expect(own.contentsOf!(n)).toEqual({
      data: begun?.public.after ?? shards[shard],
      base: n < 5 ? hex(9) : hex(31),
    });
    expect(windowParts(own, n)).toHaveLength(3);
  }
  expect(await outcome(honest, scheduleHash(own, END))).toMatch(/public schedule names/);
});

it.each<[string, (n: number, own: { data: string; base?: string }) => { data: string; base?: string }]>([
  [
    'the first commitment after its renewal',
    (_, own) => (own.data === hex(21) ? { ...own, data: shards[1]! } : own),
  ],
  ['a commitment of which no renewal leads', (n, own) => (n === 4 ? { ...own, data: hex(77) } : own)],
  ["another shard's", (_, own) => (own.data === hex(22) ? { ...own, data: hex(23) } : own)],
  ['an earlier renewal again', (_, own) => (own.data === hex(23) ? { ...own, data: hex(21) } : own)],
  [
    'a renewal before it begins',
    (n, own) => (n < use(1, 3) && own.data === shards[1] ? { ...own, data: hex(21) } : own),
  ],
  ['another base', (n, own) => (n === 7 ? { ...own, base: hex(78) } : own)],
  ['the first base for the last window', (n, own) => (n === END - 1 ? { ...own, base: hex(9) } : own)],
  ['no base', (_, { data }) => ({ data })],
  ['base and shard exchanged', (n, own) => (n === 2 ? { data: own.base!, base: own.data } : own)],
])('refuses windows that used %s', async (_, other) => {
  const own = await opened();
  const contents = (n: number) => other(n, own.contentsOf!(n) as { data: string; base?: string });
  const changed = scheduleHash({ ...own, contentsOf: contents }, END);
  expect(changed).not.toBe(scheduleHash(own, END));
  expect(await outcome(honest, changed)).toBe('RUN_SCHEDULE');
});

it('refuses windows swapped, one left out, and a chain that is one of places in the tree', async () => {
  const own = await opened();
  const parts = Array.from({ length: END }, (_, n) => windowParts(own, n));
  const chain = (list: string[][]) => list.flat().reduce(poseidonPair, scheduleBeginning(own, 0));
  expect(await outcome(honest, chain(parts))).toMatch(/public schedule names/);
  expect(await outcome(honest, chain([parts[1]!, parts[0]!, ...parts.slice(2)]))).toBe('RUN_SCHEDULE');
  expect(await outcome(honest, chain(parts.slice(1)))).toBe('RUN_SCHEDULE');
  const { contentsOf: _, ...plain } = own;
  expect(await outcome(honest, scheduleHash(plain, END))).toBe('RUN_SCHEDULE');
});

it.each<[string, (r: Renewed['renewals']) => unknown, string]>([
  ['is of another run', (r) => Object.assign(r[0]!.public, { runId: hex(5) }), 'RUN_FOREIGN_PROOF'],
  ['goes on from another digest', (r) => Object.assign(r[0]!.public, { before: hex(50) }), 'RENEWAL_CHAIN'],
  ['leads to a digest in use', (r) => Object.assign(r[0]!.public, { after: shards[0] }), 'RENEWAL_CHAIN'],
  ['names another shard', (r) => Object.assign(r[0]!, { shard: 0 }), 'RENEWAL_CHAIN'],
  ['is left out', (r) => r.splice(0, 1), 'RENEWAL_CHAIN'],
  [
    'begins with a window of another shard',
    (r) => Object.assign(r[0]!, { window: r[0]!.window - 1 }),
    'RENEWAL_CHAIN',
  ],
  [
    'begins behind the aggregate',
    (r) => Object.assign(r.at(-1)!, { window: use(r.at(-1)!.shard!, END) }),
    'RENEWAL_UNUSED',
  ],
  ['is listed before an earlier one', (r) => r.unshift(...r.splice(1, 1)), 'RENEWAL_CHAIN'],
])('refuses a list in which a renewal %s', async (_, change, code) => {
  const renewed = structuredClone(honest);
  change(renewed.renewals);
  const own = await opened();
  expect(await outcome(renewed, scheduleHash(own, END))).toBe(code);
});

it('refuses other shards than those of the dataset', async () => {
  const hash = scheduleHash(await opened(), END);
  for (const other of [
    shards.slice(0, 2),
    [...shards, hex(0)],
    [shards[1]!, shards[0]!, shards[2]!],
    [hex(4), ...shards.slice(1)],
  ]) {
    expect(await outcome({ shards: other, renewals }, hash)).toBe('DATASET_ROOT');
  }
});
