import { Queue } from 'bullmq';
import { WorkerList } from '../identity/workerList.js';
import { connectRedis } from './connection.js';
import { PREFIX, QUEUE } from './names.js';
import { type Presence, present } from './presence.js';
import { type Report, reports } from './reports.js';

/** A queue at one moment. */
export interface QueueState {
  /** Jobs by state: `prioritized` and `delayed` wait, `active` are proven; `completed` and `failed` are kept for a while. */
  jobs: Record<string, number>;
  /** Listed workers that are there; where no list was given, undefined. */
  workers?: Presence[];
  /** What trainers found, newest first: wrong proofs, and jobs that were given up, with their cause. */
  reports: Report[];
  /** Prometheus text: `bullmq_job_count{queue="proofs",state="..."}`. */
  prometheus: string;
}

/**
 * What a queue holds. Errors: `CLUSTER_QUEUE`, `CLUSTER_IDENTITY`.
 *
 * @example
 * const { jobs, reports } = await queueState('redis://10.0.0.1', { workerList: 'workers.txt' });
 */
export async function queueState(
  url: string,
  { workerList, count = 20 }: { workerList?: string; count?: number } = {},
): Promise<QueueState> {
  const list = workerList === undefined ? undefined : await (await WorkerList.open(workerList)).read();
  const redis = await connectRedis(url, () => {});
  const queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });
  queue.on('error', () => {});
  try {
    const {
      waiting = 0,
      prioritized = 0,
      delayed = 0,
      active = 0,
      completed = 0,
      failed = 0,
    } = await queue.getJobCounts();
    return {
      jobs: { waiting, prioritized, delayed, active, completed, failed },
      ...(list && { workers: await present(redis, [...list.keys()]) }),
      reports: await reports(redis, count),
      prometheus: await queue.exportPrometheusMetrics(),
    };
  } finally {
    await queue.close();
    redis.disconnect();
  }
}
