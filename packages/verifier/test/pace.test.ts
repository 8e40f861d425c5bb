/** Long work has the thread in turns: others get it in between, and what is aborted ends there. */
import { readFileSync } from 'node:fs';
import { scheduleHash } from '@proof-of-training/aggregator';
import { loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { describe, expect, it } from 'vitest';
import { bundleFixture } from '../../core/test/fixtures/bundle.js';
import { scheduleHashInParts } from '../src/aggregate/run.js';
import { atOnce } from '../src/dataset/inParts.js';
import { merkleHashes, merkleRoot, merkleRootInParts } from '../src/dataset/merkle.js';
import { Schedule } from '../src/dataset/schedule.js';
import type { RunBundle } from '../src/files.js';
import { poseidonPair } from '../src/hash/poseidon.js';
import { type DeriveKey, verifyAggregate, verifyTrainingRun } from '../src/index.js';
import { type CheckProgress, nextTurn, Pace } from '../src/verify/pace.js';
import { Checklist } from '../src/verify/report.js';

const minPrecision = { weights: 1, activations: 1, base: 1 };
const accept = { allowDevelopmentSrs: true, engine: 'wasm', maxTolerance: 1, minPrecision } as const;
const leaves = Array.from({ length: 400 }, (_, i) => `0x${(i + 1).toString(16).padStart(64, '0')}`);

it('gives the root that is made at once, tells how far it is, and lets timers run in between', async () => {
  const told: CheckProgress[] = [];
  let timers = 0;
  const timer = setInterval(() => timers++, 1);
  const pace = new Pace({ onProgress: (p) => told.push(p) });
  const total = merkleHashes(leaves.length);
  const root = await pace.finish('identity', merkleRootInParts(leaves, poseidonPair), total);
  clearInterval(timer);
  expect(root).toBe(merkleRoot(leaves, poseidonPair));
  expect(total).toBe(400 + 511);
  expect(timers).toBeGreaterThan(1);
  expect(told.length).toBeGreaterThan(1);
  for (const [n, { check, done, total: all }] of told.entries()) {
    expect([check, all]).toEqual(['identity', total]);
    expect(done).toBeGreaterThan(told[n - 1]?.done ?? 0);
    expect(done).toBeLessThanOrEqual(total);
  }
});

it('is aborted between parts, with the reason, before the work is done', async () => {
  const aborted = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => aborted.abort(reason), 0);
  let hashes = 0;
  const counted = (a: string, b: string) => {
    hashes++;
    return poseidonPair(a, b);
  };
  const pace = new Pace({ signal: aborted.signal });
  const work = pace.finish('identity', merkleRootInParts(leaves, counted), merkleHashes(leaves.length));
  await expect(work).rejects.toBe(reason);
  expect(hashes).toBeLessThan(merkleHashes(leaves.length));
});

it('counts as many parts as there are', () => {
  for (const n of [0, 1, 2, 3, 5, 8]) {
    const counted = [...merkleRootInParts(leaves.slice(0, n), poseidonPair)].length;
    expect(counted, `${n} leaves`).toBe(merkleHashes(n));
  }
  const schedule = new Schedule(new Uint8Array(32), 6);
  expect([...schedule.orderInParts(1)]).toHaveLength(5);
  expect([...schedule.orderInParts(1)]).toHaveLength(0);
});

it('a schedule in parts is the schedule, and so is its hash over several epochs', () => {
  const [made, stepped] = [new Schedule(new Uint8Array(32), 6), new Schedule(new Uint8Array(32), 6)];
  const order = made.order(2);
  expect(atOnce(stepped.orderInParts(2))).toEqual(order);
  expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  const own = { at: (n: number) => made.at(n), pair: poseidonPair };
  expect(atOnce(scheduleHashInParts(stepped, own, 4, 15))).toBe(scheduleHash(own, 15, 4));
  // With rates of their own it is another hash, in a part more for each of them; three epochs have an order each.
  const rates = (window: number) => [BigInt(window), 7n];
  const inParts = { at: (n: number) => stepped.at(n), pair: poseidonPair, rates };
  const parts = scheduleHashInParts(stepped, inParts, 4, 15);
  expect([...parts]).toHaveLength(11 * 3 + 3 * 5);
  const hash = atOnce(scheduleHashInParts(stepped, inParts, 4, 15));
  expect(hash).toBe(scheduleHash({ ...own, rates }, 15, 4));
  expect(hash).not.toBe(scheduleHash(own, 15, 4));
});

/** A bundle of 40,000 shards, whose root is wrong. */
async function large(): Promise<RunBundle> {
  const { run, ...rest } = bundleFixture();
  const { hash } = await developmentSrs(await loadProver({ engine: 'wasm' }), run.spec.shape.k);
  const shards = Array.from({ length: 40_000 }, (_, i) => `0x${(i + 1).toString(16).padStart(64, '0')}`);
  return { ...rest, run: { ...run, shards, srs: { hash, k: run.spec.shape.k, development: true } } };
}

it('a verification is aborted while it hashes the shards, with the reason, even one that looks like a failure', async () => {
  const file = JSON.stringify(await large());
  for (const reason of [new Error('enough'), new PotError('DATASET_ROOT', 'says who aborts')]) {
    const aborted = new AbortController();
    const told: CheckProgress[] = [];
    const onProgress = (progress: CheckProgress) => {
      told.push(progress);
      if (told.length === 2) aborted.abort(reason);
    };
    const { signal } = aborted;
    const verified = verifyTrainingRun(file, { ...accept, signal, onProgress });
    await expect(verified).rejects.toBe(reason);
    expect(told).toHaveLength(2);
    expect(told[1]).toMatchObject({ check: 'identity', total: 40_000 + 65_535 });
    expect(told[1]!.done).toBeLessThan(20_000);
  }
});

it('a verification that was aborted before begins nothing', async () => {
  const reason = 'a text';
  const signal = AbortSignal.abort(reason);
  await expect(verifyTrainingRun('{}', { signal })).rejects.toBe(reason);
  await expect(verifyAggregate('{}', { signal })).rejects.toBe(reason);
});

describe('an aggregate whose key is derived', () => {
  const file = JSON.parse(
    readFileSync(new URL('../../blockchain/test/fixtures/onchain/aggregate.json', import.meta.url), 'utf8'),
  );
  // The derivation here needs no string of so many points.
  file.aggregate.key.k = file.run.spec.shape.k;
  const reason = new Error('enough');

  it('is aborted during the derivation, whose signal is told', async () => {
    const aborted = new AbortController();
    let told: AbortSignal | undefined;
    const deriveKey: DeriveKey = (_spec, _srs, _places, _engine, signal) => {
      told = signal;
      setTimeout(() => aborted.abort(reason), 1);
      return new Promise(() => {});
    };
    const { signal } = aborted;
    await expect(verifyAggregate(file, { ...accept, signal, deriveKey })).rejects.toBe(reason);
    expect(told).toBe(signal);
  });

  it('is aborted between the derivation and the proofs', async () => {
    const aborted = new AbortController();
    const deriveKey: DeriveKey = async () => {
      // Longer than a turn.
      await new Promise((resolve) => setTimeout(resolve, 60));
      setImmediate(() => aborted.abort(reason));
      return file.aggregate.key.digest;
    };
    const { signal } = aborted;
    await expect(verifyAggregate(file, { ...accept, signal, deriveKey })).rejects.toBe(reason);
    expect(await verifyAggregate(file, { ...accept, deriveKey })).toMatchObject({ ok: true });
  });
});

it('a failure after an abort is no answer', async () => {
  const aborted = new AbortController();
  const list = new Checklist(aborted.signal);
  const failing = () => {
    aborted.abort('enough');
    throw new PotError('DATASET_ROOT', 'it does not hold');
  };
  await expect(list.run('dataset', failing)).rejects.toBe('enough');
  expect(list.failure).toBeUndefined();
});

it('comes back after what waited', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('waited'));
  await nextTurn();
  await nextTurn();
  order.push('back');
  expect(order).toEqual(['waited', 'back']);
});
