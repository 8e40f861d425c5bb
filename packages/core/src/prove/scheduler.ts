import { PotError } from '@proof-of-training/halo2-wasm';
import { memoryBudget } from './memory.js';
import { PriorityQueue } from './queue.js';
import { cores, threadsPerTask, workerCount } from './threads.js';

export interface SchedulerOptions {
  /** Tasks that run at once; -1: one a core; default: the cores, at most 4. */
  workers?: number;
  /** What the running tasks may need together; default: three quarters of the memory that is available now. */
  memoryBudgetMb?: number;
}

/** One piece of work. */
export interface Job<T> {
  /** Higher begins first; default 0. */
  priority?: number;
  /** Estimate of its peak memory. */
  memoryBytes: number;
  /** Takes it out of the queue; where it runs, `run` has to end it. */
  signal?: AbortSignal;
  /** Does the work with up to `threads` threads. The memory counts as used until it settles. */
  run(threads: number): Promise<T>;
}

interface Entry {
  priority: number;
  memoryBytes: number;
  begin(threads: number): Promise<void>;
  refuse(error: PotError): void;
}

/**
 * Decides which task begins when: at most `workers` at once, their estimates together within the budget, higher
 * priority first. What is at the head of the queue waits until its memory is free; nothing overtakes it, so that
 * a large task is not passed over for ever.
 *
 * @example
 * const scheduler = new Scheduler({ workers: 2 });
 * const done = await scheduler.submit({ memoryBytes: 2 ** 20, run: async (threads) => threads });
 */
export class Scheduler {
  readonly workers: number;
  readonly memoryBudgetBytes: number;
  private readonly queue = new PriorityQueue<Entry>();
  private readonly active = new Set<Promise<void>>();
  private reserved = 0;
  private closed = false;

  constructor(options: SchedulerOptions = {}) {
    this.workers = workerCount(options.workers);
    this.memoryBudgetBytes = memoryBudget(options.memoryBudgetMb);
  }

  /** Tasks that wait. */
  get queued(): number {
    return this.queue.length;
  }
  /** Tasks that run. */
  get running(): number {
    return this.active.size;
  }
  /** Estimates of the tasks that run, together. */
  get reservedBytes(): number {
    return this.reserved;
  }

  /** Errors: what `run` throws; `PROVER_ABORTED`, `PROVER_CLOSED`, `TASK_TOO_LARGE`, `OPTION_INVALID`. */
  submit<T>(job: Job<T>): Promise<T> {
    const { priority = 0, memoryBytes, signal } = job;
    return new Promise<T>((resolve, reject) => {
      if (this.closed) throw closedError();
      if (signal?.aborted) throw abortedError(signal);
      if (!Number.isFinite(priority)) {
        throw new PotError('OPTION_INVALID', `${priority} is no priority`, { hint: 'Give a finite number.' });
      }
      if (!(memoryBytes <= this.memoryBudgetBytes)) {
        throw new PotError('TASK_TOO_LARGE', 'the task needs more memory than the budget', {
          details: { memoryBytes, budgetBytes: this.memoryBudgetBytes },
        });
      }
      const onAbort = () => {
        if (!this.queue.remove(entry)) return;
        reject(abortedError(signal!));
        // What waited behind it may fit.
        this.fill();
      };
      const entry: Entry = {
        priority,
        memoryBytes,
        begin: (threads) => {
          signal?.removeEventListener('abort', onAbort);
          return job.run(threads).then(resolve, reject);
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.queue.push(entry);
      this.fill();
    });
  }

  /** Refuses what waits with `PROVER_CLOSED`, and waits for what runs. */
  async close(): Promise<void> {
    this.closed = true;
    for (const entry of this.queue.drain()) entry.refuse(closedError());
    await Promise.all(this.active);
  }

  private fill(): void {
    for (let next = this.queue.peek(); next; next = this.queue.peek()) {
      if (this.active.size >= this.workers) return;
      if (this.reserved + next.memoryBytes > this.memoryBudgetBytes) return;
      this.queue.shift();
      this.begin(next);
    }
  }

  private begin(entry: Entry): void {
    const load = { queued: this.queued, running: this.running, workers: this.workers, cores: cores() };
    this.reserved += entry.memoryBytes;
    const done: Promise<void> = entry.begin(threadsPerTask(load)).finally(() => {
      this.active.delete(done);
      this.reserved -= entry.memoryBytes;
      this.fill();
    });
    this.active.add(done);
  }
}

/**
 * What whoever asks of a closed prover gets.
 *
 * @example throw closedError();
 */
export function closedError(cause?: unknown): PotError {
  return new PotError('PROVER_CLOSED', 'the prover pool is closed', { cause });
}

/**
 * What whoever aborted gets.
 *
 * @example if (signal.aborted) throw abortedError(signal);
 */
export function abortedError(signal: AbortSignal): PotError {
  return new PotError('PROVER_ABORTED', 'proving was aborted', { cause: signal.reason });
}
