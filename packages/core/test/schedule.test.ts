import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule } from '../src/dataset/schedule.js';

const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;

describe('schedule', () => {
  it('visits every shard once an epoch', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 5 }),
        fc.nat(1000),
        (shards, epoch, seed) => {
          const schedule = new Schedule(hex(seed), hex(1), shards);
          const seen = Array.from({ length: shards }, (_, i) => schedule.at(epoch * shards + i));
          expect(new Set(seen.map((s) => s.shard)).size).toBe(shards);
          expect(seen.every((s) => s.epoch === epoch && s.shard < shards)).toBe(true);
        },
      ),
    );
  });

  it('depends on dataset root, genesis and epoch, and on nothing else', () => {
    const order = (root: number, genesis: number, epoch: number) =>
      new Schedule(hex(root), hex(genesis), 40).order(epoch).join();
    expect(order(1, 2, 0)).toBe(order(1, 2, 0));
    const others = [order(1, 2, 0), order(2, 2, 0), order(1, 3, 0), order(1, 2, 1)];
    expect(new Set(others).size).toBe(4);
  });

  it('is the Fisher-Yates permutation from SHA-256(seed, epoch, i) of docs/protocol.md', () => {
    const seed = createHash('sha256')
      .update(`proof-of-training/schedule/v1\n${hex(5)}\n${hex(6)}\n7`)
      .digest();
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
    expect(new Schedule(hex(5), hex(6), 7).order(3)).toEqual(order);
  });

  it('prefers no shard', () => {
    const first = new Array(8).fill(0);
    const schedule = new Schedule(hex(1), hex(2), 8);
    for (let epoch = 0; epoch < 4000; epoch++) first[schedule.order(epoch)[0]!]++;
    // 500 expected each, standard deviation 21
    for (const count of first) expect(Math.abs(count - 500)).toBeLessThan(110);
  });
});
