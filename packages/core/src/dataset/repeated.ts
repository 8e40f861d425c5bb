import { createHash } from 'node:crypto';
import { PotError } from '@proof-of-training/halo2-wasm';
import type { ShardedData } from './shards.js';

/** Pairs that an error names, at most. */
const SHOWN = 10;

/**
 * Refuses a training set in which two shards are the same, row for row: it would pass for twice the samples that it
 * has. The integers are compared, before anything is committed to: with a salt each, equal shards have different
 * commitments, and nobody can tell afterwards.
 *
 * Errors: `DATA_REPEATED`, with the places of the first pairs.
 */
export function requireDistinctShards(data: ShardedData): void {
  const first = new Map<string, number>();
  const pairs: [number, number][] = [];
  for (let s = 0; s < data.shards; s++) {
    const { x, y } = data.shard(s);
    const hash = createHash('sha256').update(bytesOf(x)).update(bytesOf(y)).digest('base64');
    const earlier = first.get(hash);
    if (earlier === undefined) first.set(hash, s);
    else pairs.push([earlier, s]);
  }
  if (pairs.length === 0) return;
  const [a, b] = pairs[0]!;
  throw new PotError('DATA_REPEATED', `shards ${a} and ${b} of the training set are the same rows`, {
    details: { repeated: pairs.length, pairs: pairs.slice(0, SHOWN), distinct: first.size },
    hint: 'Take the rows in once: more epochs train on them again. Or say that it is meant: allowRepeatedShards.',
  });
}

function bytesOf(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
