import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, checkOptions, closeOptions, object } from '@proof-of-training/verifier/options';
import { ProverMetrics } from '../metrics/proverMetrics.js';
import { PriorityQueue } from '../prove/queue.js';
import { abortedError, closedError } from '../prove/scheduler.js';
import { type StreamOptions, type SubmitOptions, streamOptions, submitOptions } from './checks.js';
import { resolveProver } from './options.js';
import { Results } from './results.js';
import { ProofRunner } from './runner.js';
import type { Outcome, ProofTask } from './tasks.js';

/** How one task of a stream ended. */
export type StreamResult<T extends ProofTask = ProofTask> = { id: number } & Outcome<T>;

interface Waiting {
  id: number;
  priority: number;
  task: ProofTask;
  signal: AbortSignal | undefined;
}

/**
 * Proves tasks as they come, on several threads; results are taken when they are wanted, once each.
 *
 * @example
 * const prover = new StreamingProver(2);
 * await prover.start();
 * const id = await prover.submitTask({ before, after, batch: { xs, ys }, learningRate: 0.1 });
 * const result = await prover.getResult(60_000, id);
 * await prover.stop();
 */
export class StreamingProver<T extends ProofTask = ProofTask> implements AsyncDisposable {
  readonly workers: number;
  readonly maxQueue: number;
  readonly metrics: ProverMetrics;
  private readonly runner: ProofRunner;
  private readonly lanes: number;
  private readonly waiting = new PriorityQueue<Waiting>();
  private readonly results = new Results<StreamResult<T>>();
  /** Submissions that wait for room, in order. */
  private readonly room: (() => void)[] = [];
  private running = 0;
  private lastId = 0;
  private state: 'new' | 'started' | 'stopped' = 'new';

  /** `numWorkers` -1: one a core; default: the cores, at most 4. Errors: `OPTION_INVALID`. */
  constructor(numWorkers?: number, options: StreamOptions = {}) {
    checkOptions(streamOptions, options, 'new StreamingProver');
    const { workers, lanes } = resolveProver(numWorkers, options);
    this.workers = workers;
    this.lanes = lanes;
    this.maxQueue = options.maxQueue ?? 4 * workers;
    this.metrics = options.metrics ?? new ProverMetrics();
    this.runner = new ProofRunner({ ...options, workers, metrics: this.metrics });
  }

  /** Tasks that wait for their turn. */
  get queued(): number {
    return this.waiting.length;
  }
  /** Tasks without a result yet. */
  get open(): number {
    return this.results.open;
  }

  /** Loads the prover. Errors: `STREAM_STOPPED`, `WASM_LOAD`. */
  async start(): Promise<void> {
    if (this.state === 'stopped') throw stopped();
    await this.runner.start();
    if (this.state === 'new') this.state = 'started';
  }

  /**
   * Takes a task on and gives its id; waits first while `maxQueue` tasks wait.
   *
   * Errors: `STREAM_NOT_STARTED`, `STREAM_STOPPED`; `PROVER_ABORTED` where the signal fires before it is taken on.
   */
  async submitTask(task: T, options: SubmitOptions = {}): Promise<number> {
    checkOptions(submitOptions, options, 'submitTask');
    checkArgument(object, task, 'submitTask', 'task');
    this.requireStarted();
    const { priority = 0 } = options;
    // One of its own for every task: listeners do not pile up on the caller's.
    const signal = options.signal && AbortSignal.any([options.signal]);
    while (this.waiting.length >= this.maxQueue && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        this.room.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
      this.requireStarted();
    }
    if (signal?.aborted) throw abortedError(signal);
    const entry: Waiting = { id: ++this.lastId, priority, task, signal };
    this.results.expect(entry.id);
    this.waiting.push(entry);
    signal?.addEventListener('abort', () => this.cancel(entry, abortedError(signal)), { once: true });
    this.fill();
    return entry.id;
  }

  /**
   * The next result that is ready, in the order in which tasks end; with `id`, that task's. Each is given once.
   *
   * Errors: `STREAM_TIMEOUT` after `timeoutMs` milliseconds, which loses nothing; `STREAM_ENDED` where the stream was
   * stopped and every result is taken; `STREAM_UNKNOWN_TASK` for an id that is not open.
   */
  async getResult(timeoutMs?: number, id?: number): Promise<StreamResult<T>> {
    if (this.state === 'new') throw notStarted();
    return this.results.take(timeoutMs, id);
  }

  /** Results in the order in which tasks end, until the stream is stopped and every result is taken. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StreamResult<T>, void, undefined> {
    if (this.state === 'new') throw notStarted();
    for (;;) {
      const result = await this.results.next();
      if (!result) return;
      yield result;
    }
  }

  /**
   * Takes nothing more on, finishes what was taken on, and ends the threads. Results stay to be taken. With `force`,
   * tasks without a result end with `PROVER_CLOSED`.
   */
  async stop(options: { force?: boolean } = {}): Promise<void> {
    const { force = false } = checkOptions(closeOptions, options, 'stop');
    this.state = 'stopped';
    this.makeRoom();
    if (force) {
      for (const entry of this.waiting.drain()) this.finish(entry.id, { ok: false, error: closedError() });
      await this.runner.close({ force });
    }
    await this.results.settled();
    await this.runner.close();
    this.results.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private fill(): void {
    while (this.running < this.lanes) {
      const entry = this.waiting.shift();
      if (!entry) return;
      this.makeRoom();
      this.running++;
      const { id, task, priority, signal } = entry;
      void this.runner.run(task as T, { priority, ...(signal && { signal }) }).then((outcome) => {
        this.running--;
        this.finish(id, outcome);
        this.fill();
      });
    }
  }

  private cancel(entry: Waiting, error: PotError): void {
    if (!this.waiting.remove(entry)) return;
    this.makeRoom();
    this.finish(entry.id, { ok: false, error });
  }

  /** Wakes the submissions that wait, in order; each looks again whether there is room for it. */
  private makeRoom(): void {
    for (const resolve of this.room.splice(0)) resolve();
  }

  private finish(id: number, outcome: Outcome<T>): void {
    this.results.put(id, { id, ...outcome });
  }

  private requireStarted(): void {
    if (this.state === 'new') throw notStarted();
    if (this.state === 'stopped') throw stopped();
  }
}

function notStarted(): PotError {
  return new PotError('STREAM_NOT_STARTED', 'the streaming prover has not been started', {
    hint: 'await prover.start() first.',
  });
}

function stopped(): PotError {
  return new PotError('STREAM_STOPPED', 'the streaming prover was stopped', { hint: 'Make a new one.' });
}
