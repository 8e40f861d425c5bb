/** An owner that has lost the run's folder writes nothing more; and what it wrote in that moment harms nobody. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { historyOf } from '../src/session/history.js';
import { Journal } from '../src/session/journal.js';
import type { Lease } from '../src/session/lease/lease.js';
import type { ProofRecord, WindowRecord } from '../src/session/records.js';
import { noNamespaces } from './helpers/holder.js';

let dir: string;
const journals: Journal[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pot-fence-'));
});
afterEach(async () => {
  for (const j of journals.splice(0)) await j.release();
  rmSync(dir, { recursive: true, force: true });
});

const checkpoint = (n: number) => ({
  weights: BigInt64Array.of(BigInt(n)),
  salt: new Uint8Array(32).fill(n),
});
const closed = (window: number, shard = 0) => ({
  window,
  firstStep: window,
  epoch: 0,
  shard,
  loss: 1,
  accuracy: 1,
});
const proof = (ms: number) => ({ entry: { public: {}, proof: 'AAAA' }, ms }) as unknown as ProofRecord;

async function keep(journal: Promise<Journal>): Promise<Journal> {
  journals.push(await journal);
  return journal;
}

/** A run.json that the journal's own reader is not asked to read. */
async function begin(): Promise<Journal> {
  const journal = await keep(Journal.create(dir));
  await journal.writeCheckpoint(0, checkpoint(1));
  await journal.writeSalts(new Uint8Array(32).fill(9));
  writeFileSync(join(dir, 'run.json'), '{}');
  return journal;
}

/** Another owner takes the folder, as it may when the first one's claim has expired. */
async function successor(generation: number): Promise<Journal> {
  const path = join(dir, `lock/${String(generation).padStart(6, '0')}.json`);
  const claim = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...claim, released: true }));
  const journal = await keep(Journal.open(dir));
  expect(journal.generation).toBe(generation + 1);
  // As its run.json says; the one here is empty.
  (journal as unknown as { creator: number }).creator = 1;
  await journal.readWindows();
  return journal;
}

/** Makes an owner one that looked at its lease, and was stopped before it wrote: it does not look again. */
function asleep(journal: Journal): Journal {
  const { lease } = (journal as unknown as { folder: { lease: Lease } }).folder;
  lease.check = async () => {};
  return journal;
}

describe('a lost lease', () => {
  it('ends every kind of write', async () => {
    const a = await begin();
    await successor(1);
    const before = readdirSync(dir, { recursive: true }).sort();
    const writes: (() => Promise<unknown>)[] = [
      () => a.writeCheckpoint(1, checkpoint(2)),
      () => a.writeWindow(closed(0)),
      () => a.writeProof(undefined, proof(1)),
      () => a.writeProof(0, proof(1)),
      () => a.writeSalts(new Uint8Array(32)),
      () => a.writeData('x', Int32Array.of(1)),
      () => a.writeBase(checkpoint(3)),
      () => a.writeSession({} as never),
      () => a.dropCheckpoint(0),
      () => a.dropStrays(9),
      () => a.check(),
    ];
    for (const write of writes.slice(0, -2))
      await expect(write()).rejects.toMatchObject({ code: 'SESSION_LEASE_LOST' });
    await expect(a.check()).rejects.toMatchObject({
      code: 'SESSION_LEASE_LOST',
      hint: expect.stringContaining('resume'),
    });
    expect(readdirSync(dir, { recursive: true }).sort()).toEqual(before);
  });

  it('found when the content is on disk leaves no file', async () => {
    const a = await begin();
    const { lease } = (a as unknown as { folder: { lease: Lease } }).folder;
    const check = lease.check.bind(lease);
    let looks = 0;
    lease.check = async () => {
      // Between the first look and the second.
      if (++looks === 2) await successor(1);
      return check();
    };
    await expect(a.writeCheckpoint(1, checkpoint(2))).rejects.toMatchObject({ code: 'SESSION_LEASE_LOST' });
    expect(readdirSync(join(dir, 'private')).sort()).toEqual(['checkpoint-000000-1.bin', 'salts-1.bin']);
  });
});

describe('what a stopped owner writes when it goes on', () => {
  it('does not replace the checkpoint, the record or the proof of its successor', async () => {
    const a = asleep(await begin());
    const b = await successor(1);
    for (const [journal, n] of [
      [b, 20],
      [a, 10],
    ] as const) {
      await journal.writeCheckpoint(1, checkpoint(n));
      await journal.writeWindow(closed(0));
      await journal.writeProof(0, proof(n));
    }
    await b.writeCheckpoint(2, checkpoint(30));
    await b.writeWindow(closed(1));
    const c = await successor(2);
    expect((await c.readWindows()).map((r) => [r.window, r.generation])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect((await c.readCheckpoint(1, 1)).weights[0]).toBe(20n);
    expect(JSON.parse(readFileSync(join(dir, 'proofs/000000-2.json'), 'utf8')).ms).toBe(20);
    // The shard was opened three times, though the run has two windows.
    expect(c.uses.shard(0)).toBe(3);
    await c.dropStrays(2);
    expect(readdirSync(join(dir, 'private'))).not.toContain('checkpoint-000001-1.bin');
    expect((await c.readCheckpoint(2, 1)).weights[0]).toBe(30n);
  });

  it('is the run where its successor wrote nothing', async () => {
    const a = asleep(await begin());
    const b = await successor(1);
    await b.dropStrays(1);
    await a.writeCheckpoint(1, checkpoint(10));
    await a.writeWindow(closed(0));
    const c = await successor(2);
    expect((await c.readWindows()).map((r) => r.generation)).toEqual([1]);
    expect((await c.readCheckpoint(1, 1)).weights[0]).toBe(10n);
  });

  it('is not mixed with the branch of a later owner, whoever wrote last', async () => {
    const a = asleep(await begin());
    const b = asleep(await successor(1));
    await a.writeCheckpoint(1, checkpoint(10));
    await a.writeWindow(closed(0));
    const c = await successor(2);
    await b.writeCheckpoint(1, checkpoint(20));
    await b.writeWindow(closed(0));
    await c.writeCheckpoint(2, checkpoint(30));
    await c.writeWindow(closed(1));
    const d = await successor(3);
    expect((await d.readWindows()).map((r) => r.generation)).toEqual([1, 3]);
    expect((await d.readCheckpoint(1, 1)).weights[0]).toBe(10n);
  });
});

describe('a machine that was copied while it ran, its lease with it', () => {
  const lost = { code: 'SESSION_LEASE_LOST', message: expect.stringContaining("this one's lease") };
  /** The session of the copy: what it had in memory, and the same lease. */
  const copyOf = (a: Journal) =>
    new (Journal as unknown as new (folder: unknown) => Journal)(
      (a as unknown as { folder: unknown }).folder,
    );

  it('writes no window a second time', async () => {
    const a = await begin();
    await a.writeWindow(closed(0));
    await expect(copyOf(a).writeWindow(closed(0))).rejects.toMatchObject(lost);
  });

  it('replaces no checkpoint: proofs are about its salt', async () => {
    const a = await begin();
    const copy = copyOf(a);
    await a.writeCheckpoint(1, checkpoint(10));
    await a.writeWindow(closed(0));
    await expect(copy.writeCheckpoint(1, checkpoint(20))).rejects.toMatchObject(lost);
    expect((await (await successor(1)).readCheckpoint(1, 1)).weights[0]).toBe(10n);
  });

  it('replaces no count of uses by its own, lower one', async () => {
    const a = await begin();
    const copy = copyOf(a);
    for (const n of [0, 1, 2]) {
      await a.writeCheckpoint(n + 1, checkpoint(n));
      await a.writeWindow(closed(n));
    }
    // As when the proofs are there; so the copy finds no checkpoint in its way.
    for (const n of [1, 2]) await a.dropCheckpoint(n);
    await copy.writeCheckpoint(1, checkpoint(20));
    await expect(copy.writeWindow(closed(0))).rejects.toMatchObject(lost);
    const next = await successor(1);
    expect([next.uses.shard(0), next.uses.base()]).toEqual([3, 3]);
  });
});

describe('the history of a run', () => {
  const r = (window: number, generation: number, parent: number) =>
    ({ ...closed(window), generation, parent }) as WindowRecord;
  it('is the branch of the latest owner', () => {
    const records = [r(0, 1, 1), r(1, 1, 1), r(2, 1, 1), r(2, 3, 1), r(1, 2, 1)];
    expect(historyOf(records, 1)).toEqual([r(0, 1, 1), r(1, 1, 1), r(2, 3, 1)]);
    expect(historyOf([], 1)).toEqual([]);
  });
  it('is refused where a record is missing, or begins with another one', () => {
    for (const records of [[r(1, 1, 1)], [r(0, 1, 1), r(1, 2, 2)], [r(0, 2, 2)]]) {
      expect(() => historyOf(records, 1)).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
    }
  });
});

describe('use counts', () => {
  it('lower than the records say, or missing, are damage; higher ones are believed', async () => {
    const a = await begin();
    for (const n of [0, 1, 2]) await a.writeWindow(closed(n, n % 2));
    const path = join(dir, 'private/uses-1.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ shards: { 0: 2, 1: 1 }, windows: 3 });
    const low = [
      { shards: { 0: 1, 1: 1 }, windows: 3 },
      { shards: { 0: 2 }, windows: 3 },
      { shards: { 0: 2, 1: 1 }, windows: 2 },
      { shards: { 0: -1, 1: 1 }, windows: 3 },
    ];
    for (const uses of low) {
      writeFileSync(path, JSON.stringify(uses));
      await expect(a.readWindows()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    }
    writeFileSync(path, JSON.stringify({ shards: { 0: 5, 1: 1 }, windows: 6 }));
    await a.readWindows();
    expect([a.uses.shard(0), a.uses.shard(1), a.uses.shard(2), a.uses.base()]).toEqual([5, 1, 0, 6]);
    rmSync(path);
    await expect(a.readWindows()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  });
});

it('without the folder of claims, the files say which owners there were', async () => {
  const a = await begin();
  const b = await successor(1);
  await b.writeWindow(closed(0));
  rmSync(join(dir, 'lock'), { recursive: true });
  const c = await keep(Journal.open(dir));
  expect(c.generation).toBe(3);
  for (const old of [a, b]) await expect(old.check()).rejects.toMatchObject({ code: 'SESSION_LEASE_LOST' });
});

const TRY = `
  import { Journal } from ${JSON.stringify(fileURLToPath(new URL('../dist/session/journal.js', import.meta.url)))};
  for (const name of ['create', 'open']) {
    await Journal[name](process.argv[1]).then(() => console.log('taken'), (e) => console.log(e.code, e.details?.code));
  }`;

it.skipIf(noNamespaces)('a folder that cannot be written is refused, before anything is made', () => {
  const args = [
    '--mount',
    'sh',
    '-c',
    'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"',
    dir,
  ];
  const run = () =>
    spawnSync('unshare', [...args, process.execPath, '--input-type=module', '-e', TRY, dir], {
      encoding: 'utf8',
    });
  expect(run().stdout).toBe('SESSION_FOLDER EROFS\nSESSION_MISSING undefined\n');
  expect(readdirSync(dir)).toEqual([]);
  writeFileSync(join(dir, 'run.json'), '{}');
  expect(run().stdout).toBe('SESSION_EXISTS undefined\nSESSION_FOLDER EROFS\n');
  expect(readdirSync(dir)).toEqual(['run.json']);
});
