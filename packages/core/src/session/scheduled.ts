import { PotError } from '@proof-of-training/halo2-wasm';
import type { Batch } from '../dataset/shards.js';

/** Refuses a batch that is not the scheduled one. Errors: `BATCH_NOT_SCHEDULED`. */
export function requireScheduled(
  given: Batch,
  scheduled: Batch,
  at: { step: number; place: number; epoch: number; shard: number },
): void {
  if (same(given.x, scheduled.x) && same(given.y, scheduled.y)) return;
  const { step, place, epoch, shard } = at;
  throw new PotError('BATCH_NOT_SCHEDULED', `step ${step} must use batch ${place} of shard ${shard}`, {
    details: { epoch, shard },
    hint: 'session.next() says which samples come next.',
  });
}

function same(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
