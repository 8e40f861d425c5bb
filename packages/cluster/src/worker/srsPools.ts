import { type PotConfig, ProverMetrics, ProverPool } from '@proof-of-training/core';
import { poolOptions, Scheduler } from '@proof-of-training/core/executor';
import { type Artefact, type ArtefactStore, readAll } from '../artefacts/store.js';

/** Strings whose threads are kept: each holds keys. */
const KEPT = 2;

export interface PoolSettings {
  config?: PotConfig;
  /** Proofs made at once; -1: one a core. */
  workers?: number;
  memoryBudgetMb?: number;
  engine?: 'auto' | 'wasm' | 'native';
  metrics?: ProverMetrics;
}

interface Entry {
  pool: Promise<ProverPool>;
  users: number;
}

/** Prover threads by SRS, each fetched once; together they keep to one number of proofs and one budget. */
export class SrsPools {
  private readonly scheduler: Scheduler;
  private readonly entries = new Map<string, Entry>();
  private readonly options: ReturnType<typeof poolOptions>;

  constructor(
    private readonly store: ArtefactStore,
    settings: PoolSettings,
  ) {
    const options = poolOptions(settings);
    this.scheduler = new Scheduler(options);
    this.options = { ...options, metrics: settings.metrics ?? new ProverMetrics() };
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
   * Works with threads over an SRS, once there is memory. Errors: `CLUSTER_ARTEFACT`, `PROVER_ABORTED`; those of the pool and of
   * `work`.
   */
  with<T>(
    { srs, memoryBytes }: { srs: Artefact; memoryBytes: number },
    signal: AbortSignal,
    work: (pool: ProverPool) => Promise<T>,
  ): Promise<T> {
    return this.scheduler.submit({ memoryBytes, signal, run: () => this.use(srs, work) });
  }

  private async use<T>(srs: Artefact, work: (pool: ProverPool) => Promise<T>): Promise<T> {
    const entry = this.entries.get(srs.hash) ?? { pool: this.open(srs), users: 0 };
    // The last one that was used stands last.
    this.entries.delete(srs.hash);
    this.entries.set(srs.hash, entry);
    entry.users++;
    try {
      return await work(await entry.pool);
    } finally {
      entry.users--;
      await this.dropOld();
    }
  }

  async close(): Promise<void> {
    const pools = await Promise.allSettled([...this.entries.values()].map(({ pool }) => pool));
    this.entries.clear();
    await Promise.all(pools.map((p) => (p.status === 'fulfilled' ? p.value.destroy() : undefined)));
  }

  private open(srs: Artefact): Promise<ProverPool> {
    const pool = readAll(this.store, srs).then((bytes) => ProverPool.start({ ...this.options, srs: bytes }));
    pool.catch(() => this.entries.delete(srs.hash));
    return pool;
  }

  private async dropOld(): Promise<void> {
    for (const [hash, { pool, users }] of this.entries) {
      if (this.entries.size <= KEPT) return;
      if (users > 0) continue;
      this.entries.delete(hash);
      await pool.then((p) => p.close()).catch(() => {});
    }
  }
}
