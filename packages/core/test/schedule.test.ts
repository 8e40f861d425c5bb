import { createHash } from 'node:crypto';
import { Schedule } from '@proof-of-training/verifier/run';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const seedOf = (n: number) => createHash('sha256').update(String(n)).digest();

describe('schedule', () => {
  it('visits every shard once an epoch', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 5 }),
        fc.nat(1000),
        (shards, epoch, seed) => {
          const schedule = new Schedule(seedOf(seed), shards);
          const seen = Array.from({ length: shards }, (_, i) => schedule.at(epoch * shards + i));
          expect(new Set(seen.map((s) => s.shard)).size).toBe(shards);
          expect(seen.every((s) => s.epoch === epoch && s.shard < shards)).toBe(true);
        },
      ),
    );
  });

  it('depends on seed and epoch, and on nothing else', () => {
    const order = (seed: number, epoch: number) => new Schedule(seedOf(seed), 40).order(epoch).join();
    expect(order(1, 0)).toBe(order(1, 0));
    expect(new Set([order(1, 0), order(2, 0), order(1, 1)]).size).toBe(3);
  });

  it('is the Fisher-Yates permutation from SHA-256(seed, epoch, i) of docs/protocol/protocol.md', () => {
    const seed = seedOf(5);
    const uint64 = (n: number) => Buffer.from(n.toString(16).padStart(16, '0'), 'hex');
    const order = [0, 1, 2, 3, 4, 5, 6];
    for (let i = 6; i > 0; i--) {
      const h = createHash('sha256')
        .update(Buffer.concat([seed, uint64(3), uint64(i)]))
        .digest('hex');
      const j = Number(BigInt(`0x${h.slice(0, 32)}`) % BigInt(i + 1));
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    expect(new Schedule(seed, 7).order(3)).toEqual(order);
  });

  it('prefers no shard', () => {
    const first = new Array(8).fill(0);
    const schedule = new Schedule(seedOf(1), 8);
    for (let epoch = 0; epoch < 4000; epoch++) first[schedule.order(epoch)[0]!]++;
    // 500 expected each, standard deviation 21
    for (const count of first) expect(Math.abs(count - 500)).toBeLessThan(110);
  });
});
