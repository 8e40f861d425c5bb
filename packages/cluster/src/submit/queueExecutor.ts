import type {
  ProofExecutor,
  ProverPool,
  ProverResult,
  ProverTask,
  TaskOptions,
} from '@proof-of-training/core';
import { abortedError, closedError, requireTask } from '@proof-of-training/core/executor';
import { asPotError, isPotError, PotError } from '@proof-of-training/errors';
import type { Queue, QueueEvents } from 'bullmq';
import { parseFailure } from '../message/messages.js';
import { isRemote, type RemoteTask, statementOf } from '../message/statement.js';
import { ClusterMetrics } from '../metrics/clusterMetrics.js';
import { report } from '../queue/reports.js';
import { type AttemptParts, attempt, type Wanted } from './attempt.js';
import { Gate } from './gate.js';
import type { Ended, JobWatch } from './jobWatch.js';
import { judge } from './results.js';

/** A proof is tried so often before it is given up. */
const ATTEMPTS = 3;
/** What others than trusted workers answer is no try; but somebody who answers everything must not hold up a run for ever. */
const MAX_JOBS = 20;
/** Jobs in the queue for each proof that workers make at once: none waits for the next one, and few lie in the store. */
const AHEAD = 2;

/** What an executor is made of; it closes all of it. */
export interface ExecutorParts extends Omit<AttemptParts, 'onSubmitted' | 'onLost'> {
  local: ProverPool;
  queue: Queue;
  events: QueueEvents;
  watch: JobWatch;
  onWarning(message: string): void;
}

/** Why an attempt gave no proof, and who is to be avoided next. */
interface Failure {
  error: PotError;
  by: string | undefined;
  /** It came from nobody whose answers count. */
  refused?: true;
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
      const result = await this.inTurn(statement, () =>
        this.prove({ task, statement, memoryBytes, priority, signal }),
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
    const { local, queue, events, watch, redis } = this.parts;
    while (this.proving.size > 0) await Promise.allSettled(this.proving.values());
    watch.close();
    await Promise.allSettled([queue.close(), events.close()]);
    redis.disconnect();
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

  private async prove(wanted: Wanted): Promise<ProverResult> {
    const { metrics, parts } = this;
    const avoid = new Set<string>();
    const failures: PotError[] = [];
    let tries = 0;
    for (let n = 0; tries < ATTEMPTS && n < MAX_JOBS; n++) {
      if (wanted.signal.aborted) throw abortedError(wanted.signal);
      const counted = { onSubmitted: () => metrics.submitted(), onLost: () => metrics.lostJob() };
      const id = `${wanted.statement}.${n}`;
      const ended = await attempt({ ...parts, ...counted }, wanted, id, avoid);
      const judged = await this.judgeEnd(ended, wanted, id);
      if ('result' in judged) return judged.result;
      if (!judged.refused) tries++;
      failures.push(judged.error);
      if (judged.by) avoid.add(judged.by);
    }
    return this.giveUp(wanted, failures);
  }

  private async judgeEnd(
    ended: Ended,
    wanted: Wanted,
    id: string,
  ): Promise<{ result: ProverResult } | Failure> {
    const by = 'by' in ended ? ended.by : undefined;
    if (ended.how === 'failed') {
      const { code, message, worker = by } = parseFailure(ended.reason);
      // What a worker says of a failure is a text: it may be wrong, and it is no secret.
      const error = code ? PotError.fromJSON({ code, message }) : new PotError('CLUSTER_MESSAGE', message);
      return { error, by: worker };
    }
    if (ended.how !== 'completed') {
      return { error: new PotError('CLUSTER_QUEUE', 'a worker has had the job for too long'), by };
    }
    const { local, roster, queue } = this.parts;
    const judged = await judge(ended.value, wanted, { local, roster, signal: wanted.signal });
    if (judged.ok) return { result: judged.result };
    this.metrics.refusedResult();
    if ('liar' in judged) await this.blame(judged.liar, wanted.statement, judged.error);
    // Nobody is to take it for the proof.
    await (await queue.getJob(id))?.remove().catch(() => {});
    return { error: judged.error, by, ...(!('liar' in judged) && { refused: true as const }) };
  }

  private async blame(
    { id, name }: { id: string; name: string },
    statement: string,
    error: PotError,
  ): Promise<void> {
    const { roster, redis, onWarning } = this.parts;
    roster.setAside(id);
    this.metrics.wrongProof(name);
    onWarning(
      `worker ${name} returned a proof that does not verify (${error.code}); it gets no more work of this process. ` +
        'Strike it out of the list of workers unless you know why',
    );
    await report(redis, { what: 'wrong proof', statement, worker: name, cause: error.code });
  }

  private async giveUp(
    { task, statement }: Wanted & { task: RemoteTask },
    failures: PotError[],
  ): Promise<never> {
    const last = failures.at(-1)!;
    const causes = failures.map(({ code, shortMessage }) => `${code}: ${shortMessage}`);
    await report(this.parts.redis, { what: 'given up', statement, cause: causes.join('; ').slice(0, 1000) });
    throw new PotError(
      'CLUSTER_FAILED',
      `a ${task.kind} proof was tried ${failures.length} times and given up`,
      {
        details: { statement, causes },
        cause: asPotError(last),
        hint: 'The causes are in details; pot cluster status lists them too.',
      },
    );
  }
}
