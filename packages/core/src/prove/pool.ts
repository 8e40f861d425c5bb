import { type Halo2, loadProver, PotError, proverModule } from '@proof-of-training/halo2-wasm';
import { checkOptions } from '@proof-of-training/verifier/options';
import { ColumnDigests } from '@proof-of-training/verifier/run';
import { circomlibPair } from '../commit/poseidon.js';
import { keyCacheFor } from '../config/apply.js';
import type { PotConfig } from '../config/schema.js';
import { ProverMetrics } from '../metrics/proverMetrics.js';
import { type PoolOptions, requireTask, startOptions, type TaskOptions, taskOptions } from './checks.js';
import { crashError } from './crash.js';
import type { ProofExecutor } from './executor.js';
import { MemoryEstimates, requireFits } from './memory.js';
import { abortedError, closedError, Scheduler } from './scheduler.js';
import type { ProverReply, ProverResult, ProverTask, WorkerTask } from './tasks.js';
import { ThreadsPerProof } from './threads.js';
import { checkWitness } from './witness.js';
import { WorkerThreads } from './workerThreads.js';

/**
 * The part of a session's or prover's options that its pool takes; what is not given comes from `config`.
 *
 * @example
 * import { poolOptions } from '@proof-of-training/core/executor';
 * const pool = await ProverPool.start({ srs, ...poolOptions({ config }) });
 */
export function poolOptions(
  options: Omit<PoolOptions, 'srs'> & { config?: PotConfig },
): Omit<PoolOptions, 'srs'> {
  const { metrics, scheduler, config } = options;
  const engine = options.engine ?? config?.prover.engine;
  const workers = options.workers ?? config?.prover.numWorkers;
  const memoryBudgetMb = options.memoryBudgetMb ?? config?.prover.memoryBudgetMb;
  const keyCache = options.keyCache ?? keyCacheFor(config);
  return {
    debugMode: options.debugMode ?? config?.circuit.debugMode ?? false,
    ...(engine && { engine }),
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(workers !== undefined && { workers }),
    ...(memoryBudgetMb !== undefined && { memoryBudgetMb }),
    ...(metrics && { metrics }),
    ...(scheduler && { scheduler }),
    ...(keyCache && { keyCache }),
  };
}

/**
 * Prover threads, each with its own instance of the one compiled module. Close it when done. docs/operate/pools.md.
 *
 * @example
 * const pool = await ProverPool.start({ ...options, workers: 2 });
 * const { proof } = await pool.run(task, { signal });
 * await pool.close();
 */
export class ProverPool implements ProofExecutor {
  private readonly stop = new AbortController();
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly threads: WorkerThreads,
    readonly scheduler: Scheduler,
    private readonly estimates: MemoryEstimates,
    readonly metrics: ProverMetrics,
    private readonly perProof: ThreadsPerProof,
    /** In debug mode, what takes the steps once more. */
    private readonly debug: Halo2 | undefined,
  ) {}

  /** Errors: `OPTION_INVALID`, `ENGINE_UNKNOWN`, `ENGINE_UNAVAILABLE`, `WASM_LOAD`. */
  static async start(options: PoolOptions): Promise<ProverPool> {
    checkOptions(startOptions, options, 'ProverPool.start');
    const scheduler = options.scheduler ?? new Scheduler(options);
    const metrics = options.metrics ?? new ProverMetrics();
    const srs = new SharedArrayBuffer(options.srs.byteLength);
    new Uint8Array(srs).set(options.srs);
    // The choice is made here, once: no worker may make another one.
    const halo2 = await loadProver({ engine: options.engine });
    const module = halo2.engine === 'wasm' ? await proverModule() : undefined;
    const { keyCache } = options;
    const setup = { engine: halo2.engine, ...(module && { module }), srs, ...(keyCache && { keyCache }) };
    const threads = new WorkerThreads(setup, scheduler.workers);
    metrics.watch(scheduler);
    const debug = options.debugMode ? halo2 : undefined;
    const perProof = new ThreadsPerProof(halo2.engine, options.threads);
    return new ProverPool(threads, scheduler, new MemoryEstimates(halo2), metrics, perProof, debug);
  }

  /** Tasks that may run at once. */
  get workers(): number {
    return this.scheduler.workers;
  }

  /**
   * Runs one task on a free thread, when its turn comes and its memory is free. Where the thread dies, the task is
   * run once more on a fresh one.
   *
   * Errors: those of the prover, which are not retried; `PROVER_ABORTED`; `PROVER_CLOSED`; `PROVER_CRASHED` where a
   * thread died twice (its cause says how); `TASK_TOO_LARGE` where the budget can never hold it.
   */
  async run(task: ProverTask, options: TaskOptions = {}): Promise<ProverResult> {
    requireTask(task);
    checkOptions(taskOptions, options, 'ProverPool.run');
    if (this.closing) throw closedError();
    const memoryBytes = options.memoryBytes ?? this.estimates.of(task);
    requireFits(this.estimates, task, memoryBytes, this.scheduler.memoryBudgetBytes);
    // One of its own for every task: listeners do not pile up on the caller's.
    const signal = AbortSignal.any([...(options.signal ? [options.signal] : []), this.stop.signal]);
    const { priority = 0 } = options;
    try {
      await this.debugWitness(task, { priority, signal });
      const result = await this.scheduler.submit({
        priority,
        memoryBytes,
        signal,
        run: (threads) =>
          this.perform({ ...task, threads: options.threads ?? this.perProof.of(task, threads) }, signal),
      });
      this.metrics.finished(task.kind, result);
      return { ...result, ...(await digestOf(task, result)) };
    } catch (e) {
      const error = this.stop.signal.aborted ? closedError(e) : e;
      this.metrics.failed(task.kind, error);
      throw error;
    }
  }

  /** Peak memory of a task, by the planner, in bytes: for who runs it elsewhere. */
  estimateOf(task: ProverTask): number {
    return this.estimates.of(task);
  }

  /** In debug mode, compares a proof's witness with its statement; also for who then proves it elsewhere. Errors: `DEBUG_WITNESS`. */
  async debugWitness(task: ProverTask, options: TaskOptions = {}): Promise<void> {
    if (!this.debug || (task.kind !== 'window' && task.kind !== 'genesis')) return;
    await checkWitness(this.debug, task, (commitment) => this.run(commitment, options));
  }

  /** No new tasks; waiting ones end with `PROVER_CLOSED`, running ones are waited for, or with `force` ended. */
  async close({ force = false }: { force?: boolean } = {}): Promise<void> {
    if (force) this.stop.abort(closedError());
    this.closing ??= this.scheduler.close().then(async () => {
      await this.threads.destroy();
      this.metrics.unwatch(this.scheduler);
    });
    await this.closing;
  }

  /** Ends everything at once: `close({ force: true })`. */
  destroy(): Promise<void> {
    return this.close({ force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async perform(task: WorkerTask, signal: AbortSignal): Promise<ProverResult> {
    let reply: ProverReply;
    try {
      reply = await this.attempt(task, signal);
    } catch (first) {
      if (signal.aborted) throw abortedError(signal);
      this.metrics.retried();
      reply = await this.attempt(task, signal).catch((second) => {
        throw signal.aborted ? abortedError(signal) : crashError(second ?? first);
      });
    }
    if (!reply.ok) throw PotError.fromJSON(reply.error);
    return reply.result;
  }

  /** Throws where the thread ended. */
  private async attempt(task: WorkerTask, signal: AbortSignal): Promise<ProverReply> {
    try {
      return await this.threads.run(task, signal);
    } catch (e) {
      if (!signal.aborted) this.metrics.crashed();
      throw e;
    }
  }
}

/** The Poseidon digest of a commitment that a thread made: here, so that only one thread loads circomlibjs. */
async function digestOf(task: ProverTask, { points }: ProverResult): Promise<{ digest?: string }> {
  if (!points) return {};
  const digests = new ColumnDigests(await circomlibPair());
  switch (task.kind) {
    case 'commitData':
      return { digest: digests.data(task.spec, points) };
    case 'commitBase':
      return { digest: digests.base(task.spec, points) };
    default:
      return { digest: digests.weights(task.spec, points) };
  }
}
