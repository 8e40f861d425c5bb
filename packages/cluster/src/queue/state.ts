import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { WorkerList } from '../identity/workerList.js';
import { parseJob } from '../message/messages.js';
import { connectRedis } from './connection.js';
import { PREFIX, QUEUE } from './names.js';
import { type Presence, present } from './presence.js';
import { type Report, reports } from './reports.js';

/** Jobs that are shown one by one, at most. */
const SHOWN = 100;

/** A job that a worker has now. */
export interface ActiveJob {
  /** What is proven, in one hash. */
  statement: string;
  kind: string;
  /** Id of the worker. */
  worker?: string;
  /** Since when, in milliseconds since 1970, by that worker's clock. */
  since?: number;
}

/** A queue at one moment. */
export interface QueueState {
  /** Jobs by state: `prioritized` and `delayed` wait, `active` are proven; `completed` and `failed` are kept for a while. */
  jobs: Record<string, number>;
  /** Those that are proven now, the first hundred. */
  active: ActiveJob[];
  /** Listed workers that are there; where no list was given, undefined. */
  workers?: Presence[];
  /** What trainers found, newest first: wrong proofs, and jobs that were given up, with their cause. */
  reports: Report[];
  /** Prometheus text: `bullmq_job_count{queue="proofs",state="..."}`. */
  prometheus: string;
}

export interface QueueStateOptions {
  /** File of workers: which of them are there is said then. */
  workerList?: string;
  /** Reports at most; default 20. */
  count?: number;
}

/**
 * What a queue holds, once. Errors: `CLUSTER_QUEUE`, `CLUSTER_IDENTITY`.
 *
 * @example
 * const { jobs, reports } = await queueState('redis://10.0.0.1', { workerList: 'workers.txt' });
 */
export async function queueState(url: string, options: QueueStateOptions = {}): Promise<QueueState> {
  const view = await QueueView.open(url, options);
  try {
    return await view.read();
  } finally {
    await view.close();
  }
}

/**
 * Looks at a queue again and again over one connection, and changes nothing.
 *
 * @example
 * const view = await QueueView.open('redis://10.0.0.1', { workerList: 'workers.txt' });
 * const { active } = await view.read();
 * await view.close();
 */
export class QueueView {
  private constructor(
    private readonly redis: Redis,
    private readonly queue: Queue,
    private readonly list: WorkerList | undefined,
    private readonly count: number,
  ) {}

  /** Errors: `CLUSTER_QUEUE`, `CLUSTER_IDENTITY`. */
  static async open(url: string, { workerList, count = 20 }: QueueStateOptions = {}): Promise<QueueView> {
    const list = workerList === undefined ? undefined : await WorkerList.open(workerList);
    const redis = await connectRedis(url, () => {});
    const queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });
    queue.on('error', () => {});
    return new QueueView(redis, queue, list, count);
  }

  /** Errors: `CLUSTER_IDENTITY`. */
  async read(): Promise<QueueState> {
    const { queue, redis, list, count } = this;
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
      // One whose data is no JSON cannot be read at all.
      active: (await queue.getActive(0, SHOWN - 1).catch(() => [])).map(shown),
      ...(list && { workers: await present(redis, [...(await list.read()).keys()]) }),
      reports: await reports(redis, count),
      prometheus: await queue.exportPrometheusMetrics(),
    };
  }

  async close(): Promise<void> {
    await this.queue.close();
    this.redis.disconnect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Anybody may have written it: only what is a job is shown. */
function shown({ data, processedBy, processedOn }: Job): ActiveJob {
  const times = {
    ...(processedBy !== undefined && { worker: processedBy }),
    ...(processedOn !== undefined && { since: processedOn }),
  };
  try {
    const { statement, kind } = parseJob(data);
    return { statement, kind, ...times };
  } catch {
    return { statement: '', kind: 'no job', ...times };
  }
}
