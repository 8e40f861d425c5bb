import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { ProverReply, WorkerSetup, WorkerTask } from './tasks.js';

// The same file whether this one runs from src/ (tests) or from dist/.
const FILE = fileURLToPath(new URL('../../dist/prove/worker.js', import.meta.url));

/** Threads over one SRS, kept from task to task; replaced where they die. */
export class WorkerThreads {
  private readonly pool: Piscina<WorkerTask, ProverReply>;
  /** Threads that have not ended yet, also those that are being ended. */
  private readonly alive = new Map<Worker, Promise<unknown>>();
  /** Tasks that were handed over. */
  private readonly tasks = new Set<AbortController>();

  constructor(setup: WorkerSetup, count: number) {
    this.pool = new Piscina<WorkerTask, ProverReply>({
      filename: FILE,
      workerData: setup,
      minThreads: Math.min(1, count),
      maxThreads: count,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
    this.pool.on('workerCreate', () => this.watch());
    // A thread that dies without a task is replaced when the next one comes.
    this.pool.on('error', () => {});
  }

  /** Threads that are there. */
  get count(): number {
    return this.pool.threads.length;
  }

  /** Runs a task. `signal` ends its thread, and the promise waits until it has ended. Throws where the thread dies. */
  async run(task: WorkerTask, signal: AbortSignal): Promise<ProverReply> {
    const lost = new AbortController();
    this.tasks.add(lost);
    try {
      const reply = this.pool.run(task, { signal: AbortSignal.any([signal, lost.signal]) });
      this.watch();
      return await reply;
    } catch (e) {
      this.watch();
      await this.ended();
      throw lost.signal.aborted && !signal.aborted ? lost.signal.reason : e;
    } finally {
      this.tasks.delete(lost);
    }
  }

  /** Ends all threads. */
  async destroy(): Promise<void> {
    this.watch();
    await this.pool.destroy();
    await Promise.all(this.alive.values());
  }

  /** Waits for threads that were ended: until then they hold their memory. */
  private async ended(): Promise<void> {
    const kept = new Set(this.pool.threads);
    await Promise.all([...this.alive].flatMap(([worker, exit]) => (kept.has(worker) ? [] : [exit])));
  }

  private watch(): void {
    for (const worker of this.pool.threads) {
      if (this.alive.has(worker)) continue;
      const exit = once(worker, 'exit')
        .catch(() => {})
        .finally(() => this.gone(worker));
      this.alive.set(worker, exit);
    }
  }

  /** Piscina does not replace a thread that dies while it starts: a task that waits for one would wait for ever. */
  private gone(worker: Worker): void {
    this.alive.delete(worker);
    this.watch();
    if (this.pool.threads.length > 0) return;
    for (const task of this.tasks) task.abort(new Error('the worker exited before it began'));
  }
}
