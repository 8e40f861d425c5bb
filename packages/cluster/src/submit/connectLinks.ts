import type { QueueLinksOptions } from '@proof-of-training/core';
import { connectParts } from './connectParts.js';
import { QueueLinks } from './queueLinks.js';

/**
 * Connects what derives an aggregation key and verifies, in this process, to a queue whose workers prove the links of an aggregate.
 * `aggregateRun` does this where its configuration names a queue.
 *
 * Errors: `CLUSTER_QUEUE`, `CLUSTER_ARTEFACT`, `CLUSTER_IDENTITY`, before anything is proven.
 *
 * @example
 * const local = await AggregationThread.start({ srs, spec: run.spec, places: 2 });
 * const queue = { url: 'redis://10.0.0.1', artefacts: '/mnt/artefacts', workerList: 'workers.txt' };
 * const links = await connectLinks({ local, srs, spec: run.spec, queue });
 * const aggregator = new ProofAggregator(run, links);
 */
export async function connectLinks({
  local,
  spec,
  form,
  signal,
  ...options
}: QueueLinksOptions): Promise<QueueLinks> {
  return new QueueLinks(await connectParts(options), local, spec, form, signal);
}
