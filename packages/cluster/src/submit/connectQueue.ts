import type { QueueExecutorOptions } from '@proof-of-training/core';
import { connectParts } from './connectParts.js';
import { QueueExecutor } from './queueExecutor.js';

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
  { local, ...options }: QueueExecutorOptions,
  settings: { holdMs?: number } = {},
): Promise<QueueExecutor> {
  return new QueueExecutor({ local, ...(await connectParts(options, settings)) });
}
