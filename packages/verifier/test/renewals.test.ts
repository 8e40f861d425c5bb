import { expect, it } from 'vitest';
import type { RenewalEntry, RunBundle } from '../src/bundle/schema.js';
import { checkChain } from '../src/verify/structure.js';

const at = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const [RUN, BASE] = [at(1), at(2)];
const SHARDS = [at(10), at(11)];

/** A run of two shards in their order, four windows; `data`: of each window. */
function bundle(data: number[], renewals: Partial<RenewalEntry>[] = [], bases: string[] = []): RunBundle {
  const windows = data.map((d, n) => ({
    public: {
      runId: RUN,
      firstStep: 2 * n,
      epoch: Math.floor(n / 2),
      eta: '5',
      weightsIn: at(100 + n),
      weightsOut: at(101 + n),
      data: at(d),
      base: bases[n] ?? BASE,
    },
    proof: 'AAAA',
  }));
  const run = { runId: RUN, spec: { steps: 2 }, eta: '5', shards: SHARDS, genesis: at(100), base: BASE };
  return { run, windows, ...(renewals.length > 0 && { renewals }) } as never;
}

const schedule = { at: (window: number) => ({ window, epoch: Math.floor(window / 2), shard: window % 2 }) };
const check = (b: RunBundle) => checkChain(b, schedule as never);

/** A renewal of a shard, or of the base. */
function renewal(shard: number | undefined, before: number, after: number, runId = RUN): RenewalEntry {
  const content = shard === undefined ? 'base' : 'data';
  const said = { runId, content, before: at(before), after: at(after) } as const;
  return { ...(shard !== undefined && { shard }), public: said, proof: 'AAAA' };
}

it('takes windows under digests that renewals lead to', () => {
  expect(check(bundle([10, 11, 10, 11]))).toMatch(/4 windows/);
  expect(check(bundle([10, 11, 20, 11], [renewal(0, 10, 20)]))).toMatch(/4 windows/);
  // One that was made in vain, where a later one goes on from it.
  expect(
    check(bundle([10, 11, 21, 30], [renewal(0, 10, 20), renewal(1, 11, 30), renewal(0, 20, 21)])),
  ).toMatch(/4/);
  expect(check(bundle([10, 11], [renewal(undefined, 2, 3)], [BASE, at(3)]))).toMatch(/2 windows/);
});

it.each<[string, RunBundle, string]>([
  ['a digest that no renewal leads to', bundle([10, 11, 20, 11]), 'RUN_SCHEDULE'],
  ["another shard's renewed digest", bundle([10, 20], [renewal(0, 10, 20)]), 'RUN_SCHEDULE'],
  ['a base that no renewal leads to', bundle([10, 11], [], [BASE, at(3)]), 'RUN_BASE'],
  ["a shard's digest as the base's", bundle([20, 11], [renewal(0, 10, 20)], [at(20)]), 'RUN_BASE'],
  ['a renewal of another run', bundle([20, 11], [renewal(0, 10, 20, at(9))]), 'RUN_FOREIGN_PROOF'],
  ['a beginning that is unknown', bundle([20, 11], [renewal(0, 15, 20)]), 'RENEWAL_CHAIN'],
  ["another shard's leaf", bundle([20, 11], [renewal(0, 11, 20)]), 'RENEWAL_CHAIN'],
  ['a branch', bundle([20, 11, 21], [renewal(0, 10, 20), renewal(0, 10, 21)]), 'RENEWAL_CHAIN'],
  [
    'an order that is not theirs',
    bundle([21, 11], [renewal(0, 20, 21), renewal(0, 10, 20)]),
    'RENEWAL_CHAIN',
  ],
  ['a cycle', bundle([10, 11], [renewal(0, 10, 20), renewal(0, 20, 10)]), 'RENEWAL_CHAIN'],
  ['a digest of itself', bundle([10, 11], [renewal(0, 10, 10)]), 'RENEWAL_CHAIN'],
  ["another shard's digest", bundle([11, 11], [renewal(0, 10, 11)]), 'RENEWAL_CHAIN'],
  ['one digest for two shards', bundle([20, 20], [renewal(0, 10, 20), renewal(1, 11, 20)]), 'RENEWAL_CHAIN'],
  ['a shard that is not there', bundle([10, 11], [renewal(2, 10, 20)]), 'RENEWAL_CHAIN'],
  [
    'a shard with the content of a base',
    bundle([10, 11], [{ ...renewal(undefined, 10, 20), shard: 0 }]),
    'RENEWAL_CHAIN',
  ],
  [
    'a base with the content of a shard',
    bundle([10, 11], [{ ...renewal(0, 2, 3), shard: undefined }]),
    'RENEWAL_CHAIN',
  ],
  ['one that serves nothing', bundle([10, 11], [renewal(0, 10, 20)]), 'RENEWAL_UNUSED'],
  [
    'a last one that serves nothing',
    bundle([20, 11], [renewal(0, 10, 20), renewal(0, 20, 21)]),
    'RENEWAL_UNUSED',
  ],
  ['one of the base that serves nothing', bundle([10, 11], [renewal(undefined, 2, 3)]), 'RENEWAL_UNUSED'],
])('refuses %s', (_, given, code) => {
  expect(() => check(given)).toThrow(expect.objectContaining({ code }));
});

it('refuses a renewal of a base that the run does not have', () => {
  const given = bundle([10, 11], [renewal(undefined, 2, 3)]);
  const { base: _, ...run } = given.run;
  expect(() => check({ ...given, run } as never)).toThrow(expect.objectContaining({ code: 'RENEWAL_CHAIN' }));
});
