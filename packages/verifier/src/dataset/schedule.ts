import { hexOf, sha256, uint64 } from '../hash/sha256.js';
import { atOnce, type InParts } from './inParts.js';

/** Where one window stands in training: derived from its number, never chosen. */
export interface ScheduledWindow {
  window: number;
  epoch: number;
  /** Index of the shard whose batches the window must use. */
  shard: number;
}

/**
 * The public order of a run's shards: in epoch e a Fisher-Yates permutation from SHA-256(seed, e, i). The seed is the
 * run's (run/seeds.ts): nobody can choose batches after the fact, and where it absorbs a beacon, nor an order before.
 */
export class Schedule {
  private cached: { epoch: number; order: number[] } | undefined;

  /** `seed`: 32 bytes; `shards`: their number, at least 1. */
  constructor(
    private readonly seed: Uint8Array,
    readonly shards: number,
  ) {}

  /** The seed, hex. */
  get seedHex(): string {
    return hexOf(this.seed);
  }

  /** Epoch and shard of window `window` (0, 1, ...). */
  at(window: number): ScheduledWindow {
    const epoch = Math.floor(window / this.shards);
    return { window, epoch, shard: this.order(epoch)[window % this.shards]! };
  }

  /** The order of the shards in one epoch. */
  order(epoch: number): readonly number[] {
    return atOnce(this.orderInParts(epoch));
  }

  /** The same in a part for each shard but one; none where it was made last. */
  *orderInParts(epoch: number): InParts<readonly number[]> {
    if (this.cached?.epoch === epoch) return this.cached.order;
    const order = Array.from({ length: this.shards }, (_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.below(epoch, i, i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
      yield;
    }
    this.cached = { epoch, order };
    return order;
  }

  /** A number in [0, limit): 128 bits of hash modulo the limit, so that the bias is below 2^-100. */
  private below(epoch: number, i: number, limit: number): number {
    const hash = hexOf(sha256(this.seed, uint64(epoch), uint64(i)));
    return Number(BigInt(`0x${hash.slice(0, 32)}`) % BigInt(limit));
  }
}
