import { isPotError } from '@proof-of-training/halo2-wasm';
import { Counter, Gauge, Registry, Summary } from 'prom-client';
import type { Stage } from './stages.js';

/** How work ended. */
export type Outcome = 'ok' | 'failed' | 'cancelled' | 'timeout';

/** What is read when somebody asks. */
export interface Watched {
  models: number;
  waiting: number;
  running: number;
  workers: number;
  killed: number;
  crashed: number;
  cached: number;
  hits: number;
  misses: number;
}

/** Figures of one moment. */
export interface ZkmlSnapshot extends Watched {
  stages: Record<Stage, Record<Outcome, number>>;
}

const STAGES: readonly Stage[] = ['register', 'compile', 'prove', 'verify', 'inference'];
const OUTCOMES: readonly Outcome[] = ['ok', 'failed', 'cancelled', 'timeout'];
const HELP: Record<keyof Watched, string> = {
  models: 'Registered models',
  waiting: 'Jobs that wait for a process',
  running: 'Jobs that run',
  workers: 'Jobs that may run at once',
  killed: 'Processes that were ended with their job, by a time-out or a signal',
  crashed: 'Processes that died during a job',
  cached: 'Answers in the cache',
  hits: 'Answers that the cache gave',
  misses: 'Answers that it did not have',
};

/**
 * Counters of an engine: as an object, or as Prometheus text. Nothing in them is about a model, an input or who asked.
 *
 * @example
 * http.createServer(async (_, res) => res.end(await engine.metrics.prometheus())).listen(9464);
 */
export class ZkmlMetrics {
  private readonly registry = new Registry();
  private readonly work = new Counter({
    name: 'pot_zkml_total',
    help: 'Work by what it was and how it ended: ok, failed, cancelled, timeout',
    labelNames: ['stage', 'outcome'],
    registers: [this.registry],
  });
  private readonly time = new Summary({
    name: 'pot_zkml_milliseconds',
    help: 'Time of what ended well, with waiting',
    labelNames: ['stage'],
    percentiles: [0.5, 0.95],
    registers: [this.registry],
  });

  constructor(private readonly watched: () => Watched) {
    for (const [name, help] of Object.entries(HELP) as [keyof Watched, string][]) {
      new Gauge({
        name: `pot_zkml_${name}`,
        help,
        registers: [this.registry],
        collect() {
          this.set(watched()[name]);
        },
      });
    }
  }

  /** Runs work, and counts how it ended. */
  async count<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      const result = await work();
      this.work.inc({ stage, outcome: 'ok' });
      this.time.observe({ stage }, performance.now() - started);
      return result;
    } catch (e) {
      this.work.inc({ stage, outcome: outcomeOf(e) });
      throw e;
    }
  }

  async snapshot(): Promise<ZkmlSnapshot> {
    const { values } = await this.work.get();
    const of = (stage: Stage, outcome: Outcome) =>
      values.find(({ labels }) => labels.stage === stage && labels.outcome === outcome)?.value ?? 0;
    const outcomes = (stage: Stage) =>
      Object.fromEntries(OUTCOMES.map((outcome) => [outcome, of(stage, outcome)]));
    const stages = Object.fromEntries(STAGES.map((stage) => [stage, outcomes(stage)]));
    return { ...this.watched(), stages: stages as ZkmlSnapshot['stages'] };
  }

  /** Prometheus text exposition format, version 0.0.4. */
  prometheus(): Promise<string> {
    return this.registry.metrics();
  }
}

function outcomeOf(e: unknown): Outcome {
  if (isPotError(e, 'ZKML_TIMEOUT')) return 'timeout';
  return isPotError(e, 'ZKML_ABORTED') || isPotError(e, 'ZKML_STOPPED') ? 'cancelled' : 'failed';
}
