import type { AggregatedRun } from '@proof-of-training/aggregator';
import { PotError } from '@proof-of-training/halo2-wasm';
import type { AggregateFile } from '../aggregate/file.js';
import { scheduleHashInParts } from '../aggregate/run.js';
import type { Schedule } from '../dataset/schedule.js';
import { beginningOf, windowsOf } from './aggregateEnd.js';
import type { Pace } from './pace.js';

/** Errors: `RUN_SCHEDULE`. */
export async function checkSchedule(
  file: AggregateFile,
  own: AggregatedRun,
  schedule: Schedule,
  pace: Pace,
): Promise<string> {
  const { window: from } = beginningOf(file, own);
  const end = from + windowsOf(file);
  const { shards } = schedule;
  const epochs = Math.floor((end - 1) / shards) - Math.floor(from / shards) + 1;
  const work = scheduleHashInParts(schedule, own.pair, from, end);
  const hash = await pace.finish('schedule', work, end - from + epochs * (shards - 1));
  if (hash !== file.aggregate.public.schedule) {
    throw new PotError(
      'RUN_SCHEDULE',
      'the windows did not use the shards that the public schedule names, in its order',
    );
  }
  return 'every window used the shard that the public schedule names';
}
