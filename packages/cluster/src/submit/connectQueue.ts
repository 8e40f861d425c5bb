import type { QueueExecutorOptions } from '@proof-of-training/core';
import { Queue, QueueEvents } from 'bullmq';
import { FolderStore } from '../artefacts/folderStore.js';
import { WorkerList } from '../identity/workerList.js';
import { connectRedis } from '../queue/connection.js';
import { PREFIX, QUEUE } from '../queue/names.js';
import { JobWatch } from './jobWatch.js';
import { QueueExecutor } from './queueExecutor.js';
import { Roster } from './roster.js';

/** A worker may have a job for so long: then another one gets it. */
const HOLD_MS = 3600_000;

/**
 * Connects threads of this process to a queue whose workers prove. core does this where `prover.queue` or `ZK_QUEUE` is set.
 *
 * Errors: `CLUSTER_QUEUE`, `CLUSTER_ARTEFACT`, `CLUSTER_IDENTITY`, before anything is proven.
 *
 * @example
 * const local = await ProverPool.start({ srs, workers: 1 });
 * const queue = { url: 'redis://10.0.0.1', artefacts: '/mnt/artefacts', workerList: 'workers.txt' };
 * const executor = await connectQueue({ local, srs, queue });
 * const { proof } = await executor.run(task);
 * await executor.close();
 */
export async function connectQueue(
  options: QueueExecutorOptions,
  { holdMs = HOLD_MS }: { holdMs?: number } = {},
): Promise<QueueExecutor> {
  const { local, srs, queue: settings, onWarning = console.warn } = options;
  const list = await WorkerList.open(settings.workerList);
  const store = await FolderStore.open(settings.artefacts);
  const redis = await connectRedis(settings.url, onWarning);
  try {
    const roster = new Roster(list, redis, store);
    const [artefact] = await Promise.all([store.put(once(srs)), roster.look()]);
    const queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });
    const events = new QueueEvents(QUEUE, { connection: redis, prefix: PREFIX });
    // The connection itself says what is wrong with it, once.
    queue.on('error', () => {});
    events.on('error', () => {});
    await events.waitUntilReady();
    const watch = new JobWatch(queue, events);
    const parts = { local, queue, events, watch, redis, store, roster, srs: artefact, holdMs, onWarning };
    return new QueueExecutor(parts);
  } catch (e) {
    redis.disconnect();
    throw e;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
