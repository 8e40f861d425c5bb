import { queueOf } from '../config/apply.js';
import type { QueueSettings } from '../config/schema.js';
import { clusterModule } from '../run/clusterModule.js';
import type { PoolOptions } from './checks.js';
import type { ProofExecutor } from './executor.js';
import { ProverPool, poolOptions } from './pool.js';

/** What an executor over a queue is given. */
export interface QueueExecutorOptions {
  /** Commits, derives keys and verifies what comes back; the executor closes it. */
  local: ProverPool;
  /** The SRS that proofs are made with. */
  srs: Uint8Array;
  queue: QueueSettings;
  /** Something that a person should know, such as a worker that returned a wrong proof. */
  onWarning?: (message: string) => void;
}

/** What @proof-of-training/cluster exports for this package. */
interface ClusterModule {
  connectQueue(options: QueueExecutorOptions): Promise<ProofExecutor>;
}

/**
 * Starts what proves: threads of this process, and workers of a queue besides where the configuration names one (`prover.queue`).
 *
 * Errors: those of `ProverPool.start`; `CLUSTER_MISSING` where the package for queues is not installed; those of its
 * connection (`CLUSTER_*`).
 */
export async function startExecutor(
  srs: Uint8Array,
  options: Parameters<typeof poolOptions>[0] & { onWarning?: (message: string) => void },
): Promise<ProofExecutor> {
  const queue = queueOf(options.config);
  const cluster = queue && (await clusterModule<ClusterModule>());
  const local = await ProverPool.start({ srs, ...poolOptions(options) } satisfies PoolOptions);
  if (!queue || !cluster) return local;
  const { onWarning } = options;
  try {
    return await cluster.connectQueue({ local, srs, queue, ...(onWarning && { onWarning }) });
  } catch (e) {
    await local.destroy();
    throw e;
  }
}
