import { Counter, Gauge, Registry } from 'prom-client';

/**
 * Counters of one executor; `ProverMetrics.prometheus()` of its session has them. Names are in docs/operate/cluster.md.
 *
 * @example console.log(await executor.metrics.prometheus());
 */
export class ClusterMetrics {
  private readonly registry = new Registry();
  private readonly jobs = this.counter('pot_cluster_jobs_total', 'Proofs asked of workers, by outcome', [
    'outcome',
  ]);
  private readonly attempts = this.counter('pot_cluster_attempts_total', 'Jobs that were put into the queue');
  private readonly lost = this.counter(
    'pot_cluster_lost_jobs_total',
    'Jobs that the queue did not know any more',
  );
  private readonly wrong = this.counter('pot_cluster_wrong_proofs_total', 'Proofs that did not verify', [
    'worker',
  ]);
  private readonly refused = this.counter(
    'pot_cluster_refused_results_total',
    'Results that are none, or of no worker in the list',
  );

  constructor(live: () => { workers: number; threads: number; outstanding: number }) {
    this.gauge('pot_cluster_workers', 'Listed workers that are there', () => live().workers);
    this.gauge('pot_cluster_threads', 'Proofs that they make at once', () => live().threads);
    this.gauge(
      'pot_cluster_outstanding',
      'Proofs that are asked for and not there yet',
      () => live().outstanding,
    );
  }

  ended(outcome: 'ok' | 'failed' | 'cancelled'): void {
    this.jobs.inc({ outcome });
  }
  submitted(): void {
    this.attempts.inc();
  }
  lostJob(): void {
    this.lost.inc();
  }
  wrongProof(worker: string): void {
    this.wrong.inc({ worker });
  }
  refusedResult(): void {
    this.refused.inc();
  }

  /** Prometheus text exposition format, version 0.0.4. */
  prometheus(): Promise<string> {
    return this.registry.metrics();
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
}
