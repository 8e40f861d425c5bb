import { setTimeout as sleep } from 'node:timers/promises';
import type { PotConfig, ProverMetrics } from '@proof-of-training/core';
import { isPotError, PotError } from '@proof-of-training/errors';
import * as kinds from '@proof-of-training/verifier/options';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { openStore } from '../artefacts/openStore.js';
import type { ArtefactStore } from '../artefacts/store.js';
import type { WorkerIdentity } from '../identity/identity.js';
import {
  type JobMessage,
  messageError,
  parseJob,
  type ResultMessage,
  signedText,
  VERSION,
} from '../message/messages.js';
import { openTask } from '../message/seal.js';
import { statementOf } from '../message/statement.js';
import { connectRedis } from '../queue/connection.js';
import { BEAT_MS, CANCEL_CHANNEL, LEASE_CHECK_MS, LEASE_MS, PREFIX, QUEUE } from '../queue/names.js';
import { announce, leave } from '../queue/presence.js';
import { SrsPools } from './srsPools.js';

/** A job that is another worker's is given back, and not looked at again for so long. */
const BACK_MS = 500;
/** A job whose worker dies goes to the next one, so often. */
const MAX_STALLED = 10;

export interface WorkerOptions {
  /** Its keys: `readIdentity`. */
  identity: WorkerIdentity;
  /** `redis://` or `rediss://`. */
  queue: string;
  /** The folder that it shares with trainers, or the bucket: `s3://BUCKET/PREFIX`. */
  artefacts: string;
  /** Settings of `loadConfig`; the options here go before them. */
  config?: PotConfig;
  /** Proofs made at once; -1: one a core; default: the cores, at most 4. */
  workers?: number;
  /** What its proofs may need together; default: three quarters of the memory that is available. Larger ones go to others. */
  memoryBudgetMb?: number;
  /** Threads inside each proof; default: as many as are free. */
  proofThreads?: number;
  engine?: 'auto' | 'wasm' | 'native';
  metrics?: ProverMetrics;
  /** A job has ended: with its statement, and the code of an error or none. */
  onJob?: (event: { statement: string; ms: number; error?: string }) => void;
  onWarning?: (message: string) => void;
}

const workerOptions = z.strictObject({
  identity: kinds.object,
  queue: kinds.text,
  artefacts: kinds.text,
  config: kinds.config.optional(),
  workers: kinds.threads.optional(),
  memoryBudgetMb: kinds.positive.optional(),
  proofThreads: kinds.whole(1, 1024).optional(),
  engine: kinds.engine.optional(),
  metrics: kinds.metrics.optional(),
  onJob: kinds.callback.optional(),
  onWarning: kinds.callback.optional(),
} satisfies ShapeFor<WorkerOptions>);

/**
 * Takes proofs from a queue, makes them on threads of this process and signs them. It opens only what is encrypted to it.
 *
 * @example
 * const identity = await readIdentity('machine-2.identity');
 * const worker = await ClusterWorker.start({ identity, queue: 'redis://10.0.0.1', artefacts: '/mnt/artefacts' });
 * await worker.close(); // finishes what it has begun
 */
export class ClusterWorker implements AsyncDisposable {
  private readonly stop = new AbortController();
  private readonly running = new Map<string, AbortController>();
  private readonly active = new Set<Promise<unknown>>();
  private readonly worker: Worker;
  private beat: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly options: WorkerOptions,
    private readonly redis: Redis,
    private readonly listening: Redis,
    private readonly store: ArtefactStore,
    private readonly pools: SrsPools,
  ) {
    this.worker = new Worker(QUEUE, (job: Job, token?: string) => this.track(this.process(job, token)), {
      connection: redis,
      prefix: PREFIX,
      name: options.identity.id,
      concurrency: pools.workers,
      lockDuration: LEASE_MS,
      stalledInterval: LEASE_CHECK_MS,
      maxStalledCount: MAX_STALLED,
      autorun: false,
    });
    // The connection itself says what is wrong with it; a job that was another's meanwhile is no error.
    this.worker.on('error', () => {});
    this.worker.on('lockRenewalFailed', (ids: string[]) => {
      for (const id of ids) this.cancel(id);
    });
    listening.on('message', (_, id: string) => this.cancel(id));
  }

  /** Errors: `OPTION_INVALID`; `CLUSTER_QUEUE`, `CLUSTER_ARTEFACT`; those of `ProverPool.start` come with the first job. */
  static async start(options: WorkerOptions): Promise<ClusterWorker> {
    checkOptions(workerOptions, options, 'ClusterWorker.start');
    const { onWarning = console.warn } = options;
    const store = await openStore(options.artefacts);
    const pools = new SrsPools(store, options);
    const redis = await connectRedis(options.queue, onWarning);
    const listening = redis.duplicate({ lazyConnect: false });
    listening.on('error', () => {});
    const worker = new ClusterWorker(options, redis, listening, store, pools);
    await listening.subscribe(CANCEL_CHANNEL);
    await worker.announce();
    worker.beat = setInterval(() => void worker.announce().catch(() => {}), BEAT_MS);
    void worker.worker.run();
    return worker;
  }

  /** Takes no more jobs, and finishes those that it has; with `force` gives them up, and others get them. */
  async close({ force = false }: { force?: boolean } = {}): Promise<void> {
    if (force) this.stop.abort();
    this.closing ??= this.end();
    await this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async end(): Promise<void> {
    clearInterval(this.beat);
    const { signal } = this.stop;
    const forced = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await leave(this.redis, this.options.identity.id);
    // Those that are given up go back into the queue first.
    const givenUp = forced.then(() => Promise.allSettled(this.active)).then(() => this.worker.close(true));
    await Promise.race([this.worker.close(), givenUp]);
    await this.pools.close();
    this.listening.disconnect();
    this.redis.disconnect();
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.active.add(work);
    const gone = () => this.active.delete(work);
    work.then(gone, gone);
    return work;
  }

  private cancel(id: string): void {
    this.running.get(id)?.abort(new Error('the job is not wanted any more'));
  }

  private async announce(): Promise<void> {
    const { pools, store, redis } = this;
    const { id, name } = this.options.identity;
    await announce(redis, {
      id,
      name,
      threads: pools.workers,
      memoryBytes: pools.memoryBytes,
      store: store.id,
    });
  }

  private async process(job: Job, token?: string): Promise<ResultMessage> {
    const begun = performance.now();
    const cancelled = new AbortController();
    this.running.set(job.id!, cancelled);
    let error: string | undefined;
    let back = false;
    try {
      const message = parseJob(job.data);
      back = !this.isOurs(message);
      if (back) await giveBack(job, token);
      const { result, statement } = await this.prove(
        message,
        AbortSignal.any([cancelled.signal, this.stop.signal]),
      );
      return this.signed(statement, result);
    } catch (e) {
      if (e instanceof DelayedError) throw e;
      if (this.stop.signal.aborted) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      const failure = this.failureOf(e);
      error = failure.code;
      throw new UnrecoverableError(JSON.stringify(failure));
    } finally {
      this.running.delete(job.id!);
      const { statement } = (job.data ?? {}) as { statement?: unknown };
      const ms = performance.now() - begun;
      if (!back)
        this.options.onJob?.({ statement: String(statement).slice(0, 64), ms, ...(error && { error }) });
    }
  }

  /** Whether a job is encrypted to this worker and fits its memory. */
  private isOurs({ workers, memoryBytes }: JobMessage): boolean {
    return workers.includes(this.options.identity.id) && memoryBytes <= this.pools.memoryBytes;
  }

  private async prove(message: JobMessage, signal: AbortSignal) {
    const { statement, srs } = message;
    const result = await this.pools.prove(message, signal, async () => {
      const task = await openTask(this.store, message.witness, this.options.identity);
      const isSaid = task.kind === message.kind && statementOf(task, srs.hash) === statement;
      if (!isSaid) throw messageError('the task is another one than the job says');
      return task;
    });
    return { result, statement };
  }

  private signed(
    statement: string,
    {
      proof,
      ms,
      keygenMs,
      key,
    }: { proof?: Uint8Array; ms: number; keygenMs?: number; key?: ResultMessage['key'] },
  ): ResultMessage {
    const { id, sign } = this.options.identity;
    const text = Buffer.from(proof!).toString('base64');
    return {
      version: VERSION,
      worker: id,
      proof: text,
      ms,
      ...(keygenMs !== undefined && { keygenMs }),
      ...(key && { key }),
      signature: sign(signedText(statement, text)),
    };
  }

  /** An error as it goes into the queue. What is none of this repository's may say anything: its text stays here. */
  private failureOf(e: unknown): { worker: string; code: string; message: string } {
    const error = isPotError(e) ? e : new PotError('PROVER_FAILED', 'an unexpected error of the worker');
    if (error !== e) this.options.onWarning?.(`a job failed: ${e instanceof Error ? e.message : e}`);
    return { worker: this.options.identity.id, code: error.code, message: error.shortMessage.slice(0, 1000) };
  }
}

/** Puts a job back for others; not looked at meanwhile, so that what stands behind it is not held up. */
async function giveBack(job: Job, token?: string): Promise<never> {
  await job.moveToDelayed(Date.now() + BACK_MS, token);
  await sleep(BACK_MS / 2);
  throw new DelayedError();
}
