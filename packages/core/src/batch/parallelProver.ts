import { checkArgument, checkOptions, closeOptions, list } from '@proof-of-training/verifier/options';
import { ProverMetrics } from '../metrics/proverMetrics.js';
import { closedError } from '../prove/scheduler.js';
import { type BatchOptions, batchOptions, parallelOptions } from './checks.js';
import { type ProverOptions, resolveProver } from './options.js';
import { ProofRunner } from './runner.js';
import type { Outcome, ProofTask } from './tasks.js';

/**
 * Proves many tasks on several threads.
 *
 * @example
 * const prover = new ParallelProver(4);
 * const results = await prover.generateBatch([{ before, after, batch: { xs, ys }, learningRate: 0.1 }]);
 * for (const r of results) console.log(r.ok ? r.value.proofHash : r.error.code);
 * await prover.close();
 */
export class ParallelProver implements AsyncDisposable {
  /** Threads. */
  readonly workers: number;
  readonly metrics: ProverMetrics;
  private readonly runner: ProofRunner;
  private readonly lanes: number;

  /** `numWorkers` -1: one a core; default: the cores, at most 4. Errors: `OPTION_INVALID`. */
  constructor(numWorkers?: number, options: ProverOptions = {}) {
    checkOptions(parallelOptions, options, 'new ParallelProver');
    const { workers, lanes } = resolveProver(numWorkers, options);
    this.workers = workers;
    this.lanes = lanes;
    this.metrics = options.metrics ?? new ProverMetrics();
    this.runner = new ProofRunner({ ...options, workers, metrics: this.metrics });
  }

  /**
   * Proves all tasks. Gives one result a task, in the order of the tasks: `{ ok: true, value }` or
   * `{ ok: false, error }`, so that a task that fails does not lose the others.
   *
   * Errors: `PROVER_CLOSED`, where the prover was closed before.
   */
  async generateBatch<const T extends readonly ProofTask[]>(
    tasks: T,
    options: BatchOptions = {},
  ): Promise<{ -readonly [I in keyof T]: Outcome<T[I]> }> {
    checkArgument(list, tasks, 'generateBatch', 'tasks');
    checkOptions(batchOptions, options, 'generateBatch');
    if (this.runner.closed) throw closedError();
    const { priority = 0, signal, onProgress } = options;
    const results: Outcome[] = new Array(tasks.length);
    let [next, done] = [0, 0];
    const lane = async () => {
      for (let index = next++; index < tasks.length; index = next++) {
        const outcome = await this.runner.run(tasks[index]!, { priority, ...(signal && { signal }) });
        results[index] = outcome;
        onProgress?.({ done: ++done, total: tasks.length, index, ok: outcome.ok });
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.lanes, tasks.length) }, lane));
    return results as { -readonly [I in keyof T]: Outcome<T[I]> };
  }

  /** Waits for the tasks that have begun (with `force`, ends them); the others end with `PROVER_CLOSED`. */
  async close(options: { force?: boolean } = {}): Promise<void> {
    return this.runner.close(checkOptions(closeOptions, options, 'close'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
