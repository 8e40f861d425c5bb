/** What a pool tells its metrics at any moment. */
export interface Watched {
  readonly queued: number;
  readonly running: number;
  readonly workers: number;
  readonly reservedBytes: number;
  readonly memoryBudgetBytes: number;
}

/** A cache that counts. */
export interface CountedCache {
  readonly hits: number;
  readonly misses: number;
}

/** Something that has counters of its own. */
export interface PrometheusSource {
  prometheus(): Promise<string>;
}

/** Where a proof's key came from. */
export type KeyOrigin = 'memory' | 'disk' | 'made';

/** Figures of one moment. Times are those of proving alone, without waiting and key generation. */
export interface MetricsSnapshot {
  /** Window, step and genesis proofs that were finished or failed; cancelled ones are in neither. */
  proofs: { total: number; succeeded: number; failed: number; cancelled: number };
  /** `succeeded / total`, 0 to 1; undefined before the first proof. */
  successRate: number | undefined;
  /** Milliseconds of a proof; undefined before the first one. p95 is an estimate by t-digest. */
  averageMs: number | undefined;
  p95Ms: number | undefined;
  /** Tasks of any kind that wait, and that run. */
  queueDepth: number;
  running: number;
  workers: number;
  /** Threads that died, and tasks that were run once more for it. */
  crashes: number;
  retries: number;
  cache: { hits: number; misses: number };
  /** Keys of finished proofs: in the thread's memory, read from disk, made. In `cache` the first two are hits. */
  keys: { memory: number; disk: number; made: number };
  /** Bytes: of the process with all its threads; estimates of the running tasks; their limit. */
  memory: { rss: number; reserved: number; budget: number };
}
