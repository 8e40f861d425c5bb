import { PotError } from '@proof-of-training/halo2-wasm';
import type { Schedule } from '../dataset/schedule.js';
import type { ProvenFacts } from './report.js';

/** Which of a run's listed shards its windows used. */
export interface DatasetUse {
  /** Distinct shards that some window used. */
  used: number;
  /** Places of the listed shards that no window used, ascending. */
  unused: number[];
}

/**
 * Which shards the windows `from` to `end` - 1 used.
 *
 * @param digests of the shards' commitments, where they are known: shards with one digest are one shard
 *
 * @example
 * const order = { shards: 4, at: (window: number) => ({ window, epoch: 0, shard: window % 4 }) };
 * datasetUse(order, 0, 3); // { used: 3, unused: [3] }
 */
export function datasetUse(
  schedule: Pick<Schedule, 'shards' | 'at'>,
  from: number,
  end: number,
  digests?: readonly string[],
): DatasetUse {
  const places = new Set<number>();
  for (let n = from; n < end && places.size < schedule.shards; n++) places.add(schedule.at(n).shard);
  const distinct = digests ? new Set([...places].map((s) => digests[s])) : places;
  const unused: number[] = [];
  for (let s = 0; s < schedule.shards; s++) if (!places.has(s)) unused.push(s);
  return { used: distinct.size, unused };
}

/**
 * Refuses a list with one commitment twice: it would pass for more samples than there are. Equal shards under
 * different salts cannot be told from different ones.
 *
 * Errors: `RUN_SHARDS_REPEATED`.
 */
export function checkDistinctShards(shards: readonly string[], allowed = false): string {
  const distinct = new Set(shards).size;
  if (distinct === shards.length) {
    return `${distinct} shards with a commitment each; commitments cannot say whether two hold the same samples`;
  }
  if (allowed)
    return `${distinct} distinct commitments among ${shards.length} listed shards, accepted as asked`;
  throw new PotError(
    'RUN_SHARDS_REPEATED',
    `${shards.length} shards are listed, but only ${distinct} different ones`,
    {
      details: { listed: shards.length, distinct },
      hint: 'Accept it knowingly with allowRepeatedShards: samples are then counted once.',
    },
  );
}

/** Places that a line names, at most. */
const SHOWN = 8;

/**
 * What training used of the dataset, in one line.
 *
 * @example
 * const { proven } = await verifyTrainingRun(bundle);
 * if (proven) console.log(samplesText(proven)); // 4096 samples, each counted once, ...
 */
export function samplesText({ samples, shards, unusedShards }: ProvenFacts): string {
  const said = `${samples} samples, each counted once, as far as commitments can say`;
  if (unusedShards.length === 0) return `${said}; every one of ${shards} shards was used`;
  const names = unusedShards.slice(0, SHOWN).join(', ');
  const more = unusedShards.length > SHOWN ? ', ...' : '';
  return `${said}; never used: ${unusedShards.length} of ${shards} shards (${names}${more})`;
}
