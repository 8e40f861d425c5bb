import { AggregationThread, type LinkProver } from '@proof-of-training/aggregator/node';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { queueOf } from '../config/apply.js';
import type { QueueSettings } from '../config/schema.js';
import { clusterModule } from '../run/clusterModule.js';
import type { AggregateOptions } from './checks.js';

/** As many windows a proof as fit the rows that two need anyway. */
const PLACES = 0;

/** What links over a queue are given. */
export interface QueueLinksOptions {
  /** Derives the key and verifies what comes back; the links close it. */
  local: LinkProver;
  /** The SRS that they are made with. */
  srs: Uint8Array;
  /** Of the windows. */
  spec: SgdSpec;
  queue: QueueSettings;
  signal?: AbortSignal;
  /** Something that a person should know, such as a worker that returned a wrong proof. */
  onWarning?: (message: string) => void;
}

/** What @proof-of-training/cluster exports for this. */
interface ClusterModule {
  connectLinks(options: QueueLinksOptions): Promise<LinkProver>;
}

/**
 * Starts what proves the links of an aggregate: a thread of this process; or workers of a queue, where the configuration names one,
 * whose proofs that thread verifies.
 */
export async function startLinks(
  spec: SgdSpec,
  srs: Uint8Array,
  { windowsPerProof: places = PLACES, engine, threads, config, signal }: AggregateOptions,
): Promise<LinkProver> {
  const queue = queueOf(config);
  const cluster = queue && (await clusterModule<ClusterModule>());
  const local = await AggregationThread.start({
    srs,
    spec,
    places,
    ...(engine && { engine }),
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
  });
  if (!queue || !cluster) return local;
  try {
    return await cluster.connectLinks({ local, srs, spec, queue, ...(signal && { signal }) });
  } catch (e) {
    await local.close();
    throw e;
  }
}
