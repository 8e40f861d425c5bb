import { expect, it } from 'vitest';
import { nextUses } from '../src/session/limits.js';
import type { Uses, WindowRecord } from '../src/session/records.js';
import { renewedBy, renewedSalt } from '../src/session/renewals.js';
import { UseCounts } from '../src/session/useCounts.js';

/** Proofs that open each commitment of a run on one shard, so many windows long: a window's, the genesis proof's, renewals'. */
function opened(salts: { maxEpochs: number; maxWindows?: number }, windows: number) {
  const uses = UseCounts.none();
  const [shards, bases] = [new Map<number, number>(), new Map([[0, 1]])];
  const count = (of: Map<number, number>, number: number) => of.set(number, (of.get(number) ?? 0) + 1);
  let [shard, base] = [0, 0];
  for (let n = 0; n < windows; n++) {
    const used = nextUses(salts as never, uses, 0);
    for (; shard < (used.commitment ?? 0); shard++) for (const c of [shard, shard + 1]) count(shards, c);
    for (; base < (used.baseCommitment ?? 0); base++) for (const c of [base, base + 1]) count(bases, c);
    count(shards, shard);
    count(bases, base);
    uses.add(1 + (n % 3), used);
  }
  return { shards: [...shards.values()], bases: [...bases.values()] };
}

it('opens no commitment more often than its salt hides it, and none much less often', () => {
  // 20 windows and a renewal; then a renewal, 19 windows and a renewal.
  expect(opened({ maxEpochs: 21 }, 20 + 19 + 19 + 5).shards).toEqual([21, 21, 21, 6]);
  expect(opened({ maxEpochs: 3 }, 5).shards).toEqual([3, 3, 3, 2]);
  // The genesis proof or a renewal, 20 windows, a renewal.
  const { shards, bases } = opened({ maxEpochs: 50, maxWindows: 21 }, 45);
  expect(bases).toEqual([22, 22, 6]);
  expect(shards).toEqual([45]);
});

it('refuses where nothing is left for a renewal', () => {
  const exhausted = expect.objectContaining({ code: 'SALT_EXHAUSTED' });
  for (const maxEpochs of [1, 2]) expect(() => opened({ maxEpochs }, 2)).toThrow(exhausted);
  // A run of before there were renewals, whose first salt was used up.
  const uses = UseCounts.none();
  for (let n = 0; n < 21; n++) uses.add(1, { shard: 4 });
  expect(() => nextUses({ maxEpochs: 21 }, uses, 4)).toThrow(exhausted);
  expect(nextUses({ maxEpochs: 21 }, uses, 5)).toEqual({ shard: 5 });
  expect(() => nextUses({ maxEpochs: 50, maxWindows: 21 }, uses, 5)).toThrow(exhausted);
});

it('counts what other owners used of a later commitment, and refuses lower counts', () => {
  const uses = UseCounts.none();
  for (let n = 0; n < 20; n++) uses.add(1, { shard: 0 });
  // Of an owner whose windows are no part of the run.
  for (let n = 0; n < 18; n++) uses.add(2, { shard: 0, commitment: 1, baseCommitment: 1 });
  expect(nextUses({ maxEpochs: 21 }, uses, 0)).toEqual({ shard: 0, commitment: 1 });
  const stored = uses.add(3, { shard: 0, commitment: 1, baseCommitment: 1 });
  expect(nextUses({ maxEpochs: 21 }, uses, 0)).toEqual({ shard: 0, commitment: 2 });
  expect([uses.base(0), uses.base(1)]).toEqual([20, 19]);
  expect(stored).toEqual({ shards: { '0.1': 1 }, windows: 1, bases: { '1': 1 } });
  const record = { generation: 3, shard: 0, commitment: 1, baseCommitment: 1 } as WindowRecord;
  expect(UseCounts.checked(new Map([[3, stored]]), [record]).shard(0, 1)).toBe(1);
  const damaged = expect.objectContaining({ code: 'STATE_DAMAGED' });
  const lowers: Uses[] = [
    { ...stored, shards: { '0': 1 } },
    { ...stored, bases: {} },
    { ...stored, bases: { '2': 1 } },
  ];
  for (const lower of lowers) {
    expect(() => UseCounts.checked(new Map([[3, lower]]), [record])).toThrow(damaged);
  }
});

it('names the renewals that lead to what windows use', () => {
  const windows = [{ shard: 1 }, { shard: 0, commitment: 1 }, { shard: 1, commitment: 2, baseCommitment: 1 }];
  expect(renewedBy(windows)).toEqual([
    { shard: 0, number: 1 },
    { shard: 1, number: 1 },
    { shard: 1, number: 2 },
    { shard: undefined, number: 1 },
  ]);
  expect(renewedBy([{ shard: 3 }])).toEqual([]);
});

it('draws each salt from the first one', () => {
  const first = new Uint8Array(32).fill(7);
  expect(renewedSalt(first, 0)).toBe(first);
  const salts = [1, 2, 256].map((n) => Buffer.from(renewedSalt(first, n)).toString('hex'));
  expect(new Set(salts).size).toBe(3);
  // docs/protocol/renewal.md, section 4, by another hand.
  expect(salts[0]).toBe('9294d36b0a64d1f330d48a5d0629576458982699cd79fab6cd30a6f6d32e6389');
});
