import type {
  ProofExecutor,
  ProverPool,
  ProverResult,
  ProverTask,
  TaskOptions,
} from '@proof-of-training/core';
import { closedError, requireTask } from '@proof-of-training/core/executor';
import { isPotError } from '@proof-of-training/errors';
import { isRemote, statementOf } from '../message/statement.js';
import { ClusterMetrics } from '../metrics/clusterMetrics.js';
import { ask } from './ask.js';
import type { ConnectedParts } from './connectParts.js';
import { Gate } from './gate.js';

/** Jobs in the queue for each proof that workers make at once: none waits for the next one, and few lie in the store. */
const AHEAD = 2;

/** What an executor is made of; it closes all of it. */
export interface ExecutorParts extends ConnectedParts {
  local: ProverPool;
}

/**
 * Has windows and genesis proofs made by workers of a queue; commits, derives keys and verifies by threads of this process. Every
 * proof is verified here before it is given.
 *
 * @example
 * const executor = await connectQueue({ local, srs, queue });
 * const { proof } = await executor.run(task);
 */
export class QueueExecutor implements ProofExecutor {
  readonly metrics: ClusterMetrics;
  private readonly gate = new Gate(() => AHEAD * Math.max(1, this.parts.roster.threads));
  private readonly stop = new AbortController();
  /** By statement: the same proof is asked for once at a time. */
  private readonly proving = new Map<string, Promise<unknown>>();
  private closing: Promise<void> | undefined;

  constructor(private readonly parts: ExecutorParts) {
    const { local, roster } = parts;
    const { gate } = this;
    this.metrics = new ClusterMetrics(() => {
      const { workers, threads } = roster;
      return { workers, threads, outstanding: gate.queued + gate.running };
    });
    local.metrics.include(this.metrics);
  }

  get workers(): number {
    return Math.max(1, this.parts.roster.threads);
  }

  async run(task: ProverTask, options: TaskOptions = {}): Promise<ProverResult> {
    const { local } = this.parts;
    requireTask(task);
    if (!isRemote(task)) return local.run(task, options);
    if (this.closing) throw closedError();
    const signal = AbortSignal.any([...(options.signal ? [options.signal] : []), this.stop.signal]);
    const { priority = 0, memoryBytes = local.estimateOf(task) } = options;
    try {
      await local.debugWitness(task, { priority, signal });
      await this.gate.enter(priority, signal);
      const statement = statementOf(task, this.parts.srs.hash);
      const { spec, public: inputs, transcript } = task;
      const check = async (proof: Uint8Array) => {
        const kind = 'verify' as const;
        // Whoever waits for it has waited long enough.
        const first = { priority: 1, signal };
        await local.run({ kind, spec, public: inputs, proof, ...(transcript && { transcript }) }, first);
      };
      const result = await this.inTurn(statement, () =>
        ask(this.parts, this.metrics, { task, statement, memoryBytes, priority, signal, check }),
      ).finally(() => this.gate.leave());
      this.metrics.ended('ok');
      local.metrics.finished(task.kind, result);
      return result;
    } catch (e) {
      const error = this.stop.signal.aborted ? closedError(e) : e;
      const cancelled = ['PROVER_ABORTED', 'PROVER_CLOSED'].some((code) => isPotError(error, code));
      this.metrics.ended(cancelled ? 'cancelled' : 'failed');
      local.metrics.failed(task.kind, error);
      throw error;
    }
  }

  /** Waits for what is asked for, or with `force` takes it back; then closes the connection and the threads. */
  async close({ force = false }: { force?: boolean } = {}): Promise<void> {
    if (force) this.stop.abort(closedError());
    this.closing ??= this.end();
    await this.closing;
  }

  destroy(): Promise<void> {
    return this.close({ force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async end(): Promise<void> {
    const { local, disconnect } = this.parts;
    while (this.proving.size > 0) await Promise.allSettled(this.proving.values());
    await disconnect();
    await local.close({ force: this.stop.signal.aborted });
  }

  private async inTurn<T>(statement: string, work: () => Promise<T>): Promise<T> {
    while (this.proving.has(statement)) await Promise.allSettled([this.proving.get(statement)]);
    const done = work();
    this.proving.set(statement, done);
    try {
      return await done;
    } finally {
      this.proving.delete(statement);
    }
  }
}
