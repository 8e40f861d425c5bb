import { isPotError } from '@proof-of-training/halo2-wasm';
import { Counter, Gauge, Registry, Summary } from 'prom-client';
import type { CountedCache, KeyOrigin, MetricsSnapshot, PrometheusSource, Watched } from './snapshot.js';

/** Kinds of tasks (`ProverTask`) that are proofs; the others are not counted. */
const PROOFS: readonly string[] = ['window', 'genesis'];
const CANCELLED = ['PROVER_ABORTED', 'PROVER_CLOSED'];

/**
 * Counters of one or several pools: as an object, or as Prometheus text. Names are in docs/operate/pools.md.
 *
 * @example
 * const metrics = new ProverMetrics();
 * const prover = new ParallelProver(2, { metrics });
 * http.createServer(async (_, res) => res.end(await metrics.prometheus())).listen(9464);
 */
export class ProverMetrics {
  private readonly registry = new Registry();
  private readonly watched = new Set<Watched>();
  private readonly caches = new Map<string, CountedCache>();
  private readonly others = new Set<PrometheusSource>();
  private readonly keys: Record<KeyOrigin, number> = { memory: 0, disk: 0, made: 0 };

  private readonly proofs = this.counter('pot_proofs_total', 'Proofs by outcome: ok, failed, cancelled', [
    'outcome',
  ]);
  private readonly duration = new Summary({
    name: 'pot_proof_milliseconds',
    help: 'Time of a proof, without waiting and key generation',
    percentiles: [0.5, 0.95],
    registers: [this.registry],
  });
  private readonly crashes = this.counter('pot_worker_crashes_total', 'Prover threads that died');
  private readonly retries = this.counter('pot_task_retries_total', 'Tasks run once more after a crash');

  constructor() {
    const sum = (of: (w: Watched) => number) => () => [...this.watched].reduce((n, w) => n + of(w), 0);
    this.gauge(
      'pot_queue_depth',
      'Tasks that wait',
      sum((w) => w.queued),
    );
    this.gauge(
      'pot_running_tasks',
      'Tasks that run',
      sum((w) => w.running),
    );
    this.gauge(
      'pot_workers',
      'Tasks that may run at once',
      sum((w) => w.workers),
    );
    this.gauge('pot_memory_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
    this.gauge(
      'pot_memory_reserved_bytes',
      'Estimates of the running tasks',
      sum((w) => w.reservedBytes),
    );
    this.gauge(
      'pot_memory_budget_bytes',
      'Limit of the estimates',
      sum((w) => w.memoryBudgetBytes),
    );
    this.countKeys();
    this.cacheGauges();
  }

  /** Adds a pool's scheduler to the gauges. */
  watch(scheduler: Watched): void {
    this.watched.add(scheduler);
  }
  unwatch(scheduler: Watched): void {
    this.watched.delete(scheduler);
  }

  /** Adds a cache to the counts of hits. */
  countCache(name: string, cache: CountedCache): void {
    this.caches.set(name, cache);
  }

  /** Adds text of its own to {@link prometheus}: counters of what proves elsewhere. */
  include(source: PrometheusSource): void {
    this.others.add(source);
  }

  /** A task of this kind has ended well, after `ms` milliseconds of its own work. */
  finished(kind: string, { ms, key }: { ms: number; key?: KeyOrigin }): void {
    if (!PROOFS.includes(kind)) return;
    this.proofs.inc({ outcome: 'ok' });
    this.duration.observe(ms);
    if (key) this.keys[key]++;
  }

  /** A task has failed, or was cancelled. */
  failed(kind: string, error: unknown): void {
    if (!PROOFS.includes(kind)) return;
    const cancelled = CANCELLED.some((code) => isPotError(error, code));
    this.proofs.inc({ outcome: cancelled ? 'cancelled' : 'failed' });
  }

  crashed(): void {
    this.crashes.inc();
  }
  retried(): void {
    this.retries.inc();
  }

  async snapshot(): Promise<MetricsSnapshot> {
    const count = async (outcome: string) =>
      (await this.proofs.get()).values.find((v) => v.labels.outcome === outcome)?.value ?? 0;
    const [succeeded, failed, cancelled] = await Promise.all(['ok', 'failed', 'cancelled'].map(count));
    const times = (await this.duration.get()).values;
    const named = (suffix: string) => times.find((v) => v.metricName?.endsWith(suffix))?.value ?? 0;
    const p95 = times.find((v) => v.labels.quantile === 0.95)?.value;
    const total = succeeded! + failed!;
    const one = async (counter: Counter) => (await counter.get()).values[0]?.value ?? 0;
    const sum = (of: (w: Watched) => number) => [...this.watched].reduce((n, w) => n + of(w), 0);
    const caches = [...this.caches.values()];
    return {
      proofs: { total, succeeded: succeeded!, failed: failed!, cancelled: cancelled! },
      successRate: total > 0 ? succeeded! / total : undefined,
      averageMs: succeeded! > 0 ? named('_sum') / named('_count') : undefined,
      p95Ms: succeeded! > 0 ? p95 : undefined,
      queueDepth: sum((w) => w.queued),
      running: sum((w) => w.running),
      workers: sum((w) => w.workers),
      crashes: await one(this.crashes),
      retries: await one(this.retries),
      cache: {
        hits: caches.reduce((n, c) => n + c.hits, 0),
        misses: caches.reduce((n, c) => n + c.misses, 0),
      },
      keys: { ...this.keys },
      memory: {
        rss: process.memoryUsage.rss(),
        reserved: sum((w) => w.reservedBytes),
        budget: sum((w) => w.memoryBudgetBytes),
      },
    };
  }

  /** Prometheus text exposition format, version 0.0.4. */
  async prometheus(): Promise<string> {
    const texts = [this.registry.metrics(), ...[...this.others].map((source) => source.prometheus())];
    return (await Promise.all(texts)).join('');
  }

  private counter<L extends string>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Keys of proofs: both kinds of hits together as a cache, and by where they came from. */
  private countKeys(): void {
    const { keys, registry } = this;
    this.countCache('keys', {
      get hits() {
        return keys.memory + keys.disk;
      },
      get misses() {
        return keys.made;
      },
    });
    new Counter({
      name: 'pot_proof_keys_total',
      help: 'Keys of finished proofs, by origin: memory, disk, made',
      labelNames: ['origin'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [origin, n] of Object.entries(keys)) this.inc({ origin }, n);
      },
    });
  }

  /** Counters that are kept elsewhere: read when they are asked for. */
  private cacheGauges(): void {
    const { caches, registry } = this;
    for (const what of ['hits', 'misses'] as const) {
      new Counter({
        name: `pot_cache_${what}_total`,
        help: `Cache ${what}, by cache`,
        labelNames: ['cache'],
        registers: [registry],
        collect() {
          this.reset();
          for (const [cache, counts] of caches) this.inc({ cache }, counts[what]);
        },
      });
    }
  }
}
