import type { AggregatedRun } from '@proof-of-training/aggregator';
import { PotError } from '@proof-of-training/halo2-wasm';
import type { AggregateFile } from '../aggregate/file.js';
import { scheduleHashInParts } from '../aggregate/run.js';
import type { Schedule } from '../dataset/schedule.js';
import { beginningOf, ratesOf, windowsOf } from './aggregateEnd.js';
import type { Pace } from './pace.js';

/** Errors: `RUN_SCHEDULE`; `ETA_RANGE` where a step's own rate is out of range. */
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
  const work = scheduleHashInParts(schedule, own, from, end);
  const parts = (end - from) * (1 + ratesOf(file)) + epochs * (shards - 1);
  const hash = await pace.finish('schedule', work, parts);
  if (hash !== file.aggregate.public.schedule) {
    throw new PotError(
      'RUN_SCHEDULE',
      own.rates || own.etaOf
        ? 'the windows did not use the shards that the public schedule names, in its order, or took a step at another rate than its own'
        : 'the windows did not use the shards that the public schedule names, in its order',
    );
  }
  const shard = 'every window used the shard that the public schedule names';
  return own.rates || own.etaOf ? `${shard}, and took each step at the rate of its number` : shard;
}
