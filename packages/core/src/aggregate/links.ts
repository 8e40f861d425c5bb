import { formOf, type OpenRun } from '@proof-of-training/aggregator';
import { AggregationThread, type LinkProver } from '@proof-of-training/aggregator/node';
import type { AggregateForm } from '@proof-of-training/halo2-wasm';
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
  /** What the windows of the run may differ in; absent: in nothing. */
  form?: AggregateForm;
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
  run: OpenRun,
  srs: Uint8Array,
  { windowsPerProof: places = PLACES, engine, threads, config, signal }: AggregateOptions,
): Promise<LinkProver> {
  const { spec } = run;
  const differing = formOf(run);
  const form = Object.keys(differing).length > 0 && { form: differing };
  const queue = queueOf(config);
  const cluster = queue && (await clusterModule<ClusterModule>());
  const local = await AggregationThread.start({
    srs,
    spec,
    places,
    ...form,
    ...(engine && { engine }),
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
  });
  if (!queue || !cluster) return local;
  try {
    return await cluster.connectLinks({ local, srs, spec, queue, ...form, ...(signal && { signal }) });
  } catch (e) {
    await local.close();
    throw e;
  }
}
