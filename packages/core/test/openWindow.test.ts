import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../src/session/checkpoint.js';
import { OpenWindow } from '../src/session/openWindow.js';
import { requireScheduled } from '../src/session/scheduled.js';

const checkpoint = (weight: bigint): Checkpoint => ({
  weights: BigInt64Array.of(weight),
  salt: new Uint8Array(32).fill(Number(weight)),
});
const spec = { steps: 2, batch: 8 };

describe('OpenWindow', () => {
  it('gives the means over the steps that were taken in it', () => {
    const window = new OpenWindow(3, checkpoint(1n));
    window.add(0.75, 4);
    window.add(0.25, 8);
    expect(window.steps).toBe(2);
    expect(window.means(spec)).toEqual({ loss: 0.5, accuracy: 0.75 });
  });

  it('forgets the steps that are taken back, their loss and hits too', () => {
    const window = new OpenWindow(0, checkpoint(1n));
    window.add(100, 8);
    window.discard();
    expect(window.steps).toBe(0);
    window.add(0.75, 4);
    window.add(0.25, 8);
    expect(window.means(spec)).toEqual({ loss: 0.5, accuracy: 0.75 });
    expect([window.index, window.start]).toEqual([0, checkpoint(1n)]);
  });

  it('goes on to the next window with nothing in it', () => {
    const window = new OpenWindow(3, checkpoint(1n));
    window.add(1, 8);
    window.next(checkpoint(2n));
    expect([window.index, window.steps, window.start]).toEqual([4, 0, checkpoint(2n)]);
    expect(window.means(spec)).toEqual({ loss: 0, accuracy: 0 });
  });
});

describe('requireScheduled', () => {
  const batch = { x: Int32Array.of(1, 2, 3), y: Int32Array.of(0, 1) };
  const at = { step: 9, place: 1, epoch: 2, shard: 5 };

  it('takes the scheduled batch, and no other', () => {
    requireScheduled({ x: batch.x.slice(), y: batch.y.slice() }, batch, at);
    for (const other of [
      { ...batch, x: Int32Array.of(1, 2, 4) },
      { ...batch, y: Int32Array.of(0) },
      { ...batch, x: Int32Array.of(1, 2) },
    ]) {
      expect(() => requireScheduled(other, batch, at)).toThrowError(
        expect.objectContaining({
          code: 'BATCH_NOT_SCHEDULED',
          shortMessage: 'step 9 must use batch 1 of shard 5',
          details: { epoch: 2, shard: 5 },
        }),
      );
    }
  });
});
