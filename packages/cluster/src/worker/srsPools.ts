import { availableParallelism } from 'node:os';
import { type PotConfig, ProverMetrics, ProverPool, type ProverResult } from '@proof-of-training/core';
import { poolOptions, Scheduler } from '@proof-of-training/core/executor';
import { type Artefact, type ArtefactStore, readAll } from '../artefacts/store.js';
import type { AggregationTask, RemoteTask } from '../message/statement.js';
import { Kept } from './kept.js';
import { LinkThreads } from './linkThreads.js';

/** Strings whose threads are kept: each holds keys. */
const KEPT = 2;

export interface PoolSettings {
  config?: PotConfig;
  /** Proofs made at once; -1: one a core. */
  workers?: number;
  memoryBudgetMb?: number;
  /** Threads inside each proof; default: as many as are free. */
  proofThreads?: number;
  engine?: 'auto' | 'wasm' | 'native';
  metrics?: ProverMetrics;
}

/** Prover threads by SRS, each fetched once; together they keep to one number of proofs and one budget. */
export class SrsPools {
  private readonly scheduler: Scheduler;
  private readonly pools = new Kept<ProverPool>(KEPT, (pool, { now }) =>
    now ? pool.destroy() : pool.close(),
  );
  private readonly links: LinkThreads;
  private readonly options: ReturnType<typeof poolOptions>;

  constructor(
    private readonly store: ArtefactStore,
    settings: PoolSettings,
  ) {
    const { proofThreads, ...rest } = settings;
    const options = poolOptions({ ...rest, ...(proofThreads !== undefined && { threads: proofThreads }) });
    this.scheduler = new Scheduler(options);
    this.options = { ...options, metrics: settings.metrics ?? new ProverMetrics() };
    const { engine } = options;
    const threads = proofThreads ?? Math.max(1, Math.floor(availableParallelism() / this.scheduler.workers));
    this.links = new LinkThreads({ threads, ...(engine && { engine }) });
  }

  /** Proofs that are made at once. */
  get workers(): number {
    return this.scheduler.workers;
  }
  /** What they may need together. */
  get memoryBytes(): number {
    return this.scheduler.memoryBudgetBytes;
  }

  /**
   * Makes a proof over an SRS, once there is memory: of the task that `open` then gives. Errors: `CLUSTER_ARTEFACT`, `PROVER_ABORTED`;
   * those of what proves, and of `open`.
   */
  prove(
    { kind, srs, memoryBytes }: { kind: RemoteTask['kind']; srs: Artefact; memoryBytes: number },
    signal: AbortSignal,
    open: () => Promise<RemoteTask>,
  ): Promise<ProverResult> {
    const run = async () => {
      const bytes = () => readAll(this.store, srs);
      if (kind === 'aggregation') {
        return this.links.prove((await open()) as AggregationTask, { srs: srs.hash, bytes }, signal);
      }
      const make = async () => ProverPool.start({ ...this.options, srs: await bytes() });
      return this.pools.use(srs.hash, make, async (pool) => {
        const task = await open();
        return pool.run(task as Exclude<RemoteTask, AggregationTask>, { signal });
      });
    };
    return this.scheduler.submit({ memoryBytes, signal, run });
  }

  async close(): Promise<void> {
    await Promise.all([this.pools.close(), this.links.close()]);
  }
}
