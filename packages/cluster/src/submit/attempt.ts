import { abortedError } from '@proof-of-training/core/executor';
import { PotError } from '@proof-of-training/errors';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Artefact, ArtefactStore } from '../artefacts/store.js';
import { type JobMessage, parseJob, VERSION } from '../message/messages.js';
import { sealTask } from '../message/seal.js';
import type { RemoteTask } from '../message/statement.js';
import { CANCEL_CHANNEL } from '../queue/names.js';
import { type Ended, endOf, type JobWatch } from './jobWatch.js';
import type { Roster } from './roster.js';

const HOUR = 3600;
/** The lowest of BullMQ's priorities is 2^21; its highest is 1. */
const MIDDLE = 2 ** 20;
/** A job may be lost so often: a queue that loses more is none. */
const MAX_LOST = 5;

/** What an attempt works with. */
export interface AttemptParts {
  queue: Queue;
  watch: JobWatch;
  redis: Redis;
  store: ArtefactStore;
  roster: Roster;
  srs: Artefact;
  /** A worker may have a job for so long. */
  holdMs: number;
  onSubmitted(): void;
  onLost(): void;
}

/** A proof that is wanted. */
export interface Wanted {
  task: RemoteTask;
  statement: string;
  memoryBytes: number;
  priority: number;
  signal: AbortSignal;
  /** Verifies a proof for it in this process; throws where it does not hold. */
  check(proof: Uint8Array): Promise<void>;
}

/**
 * Has one job done: one that is there already under this id, or one that is put into the queue now, its witness encrypted
 * to the workers that may have it and removed again when the job has ended.
 *
 * Errors: `PROVER_ABORTED`; those of `Roster.recipients`; `CLUSTER_QUEUE` where the queue takes no job or loses all.
 */
export async function attempt(
  parts: AttemptParts,
  wanted: Wanted,
  id: string,
  avoid: ReadonlySet<string>,
): Promise<Ended> {
  for (let lost = 0; lost < MAX_LOST; lost++) {
    const there = await existing(parts, id);
    const before = there && endOf(there);
    if (before) {
      const left = witnessOf(there);
      if (left) await parts.store.remove(left.hash);
      return before;
    }
    const witness = there ? undefined : await put(parts, wanted, id, avoid);
    try {
      const ended = await untilAborted(parts, wanted.signal, id);
      if (ended.how === 'held') await withdraw(parts, id);
      if (ended.how !== 'lost') return ended;
      parts.onLost();
    } finally {
      const used = witness ?? witnessOf(there);
      if (used) await parts.store.remove(used.hash);
    }
  }
  throw new PotError('CLUSTER_QUEUE', `the queue has lost a job ${MAX_LOST} times`, {
    hint: 'Redis must keep its data: maxmemory-policy noeviction, and nobody else who flushes it.',
  });
}

/**
 * A job of this id that may be waited for: finished, or under way. What failed, or is encrypted to a worker who has been
 * revoked since, is removed.
 */
async function existing({ queue, store, roster }: AttemptParts, id: string): Promise<Job | undefined> {
  const job = await queue.getJob(id);
  if (!job) return undefined;
  const ended = endOf(job);
  if (ended?.how === 'completed') return job;
  const workers = await roster.look().then(({ listed }) => new Set(listed.map((w) => w.id)));
  const current = !ended && messageOf(job)?.workers.every((worker) => workers.has(worker));
  if (current) return job;
  // One that a worker is at cannot be removed.
  const removed = await job.remove().then(
    () => true,
    () => false,
  );
  const witness = witnessOf(job);
  if (removed && witness) await store.remove(witness.hash);
  return removed ? undefined : job;
}

async function put(
  { queue, store, roster, srs, onSubmitted }: AttemptParts,
  { task, statement, memoryBytes, priority, signal }: Wanted,
  id: string,
  avoid: ReadonlySet<string>,
): Promise<Artefact> {
  const workers = await roster.recipients(memoryBytes, avoid, signal).catch((e) => {
    throw signal.aborted ? abortedError(signal) : e;
  });
  const witness = await sealTask(store, task, workers);
  const { kind } = task;
  const ids = workers.map((worker) => worker.id);
  const message: JobMessage = { version: VERSION, kind, statement, memoryBytes, srs, witness, workers: ids };
  try {
    await queue.add(kind, message, {
      jobId: id,
      priority: Math.min(2 ** 21 - 1, Math.max(1, MIDDLE - Math.round(priority))),
      attempts: 1,
      stackTraceLimit: 0,
      removeOnComplete: { age: HOUR, count: 1000 },
      removeOnFail: { age: 7 * 24 * HOUR, count: 1000 },
    });
  } catch (e) {
    await store.remove(witness.hash);
    const reason = e instanceof Error ? e.message : String(e);
    throw new PotError('CLUSTER_QUEUE', `the queue takes no job: ${reason}`, {
      hint: 'See that Redis has memory, and that this user may write.',
    });
  }
  onSubmitted();
  return witness;
}

/** Waits for a job's end; where it is not wanted any more, takes it out of the queue or from its worker. */
async function untilAborted(parts: AttemptParts, signal: AbortSignal, id: string): Promise<Ended> {
  const { watch, holdMs } = parts;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(abortedError(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([watch.ended(id, holdMs), aborted]);
  } catch (e) {
    watch.forget(id);
    await withdraw(parts, id);
    throw e;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function withdraw({ queue, redis }: AttemptParts, id: string): Promise<void> {
  // Whoever has it is told; a job that waits is removed.
  await redis.publish(CANCEL_CHANNEL, id);
  const job = await queue.getJob(id);
  await job?.remove().catch(() => {});
}

function messageOf(job: Job): JobMessage | undefined {
  try {
    return parseJob(job.data);
  } catch {
    return undefined;
  }
}

function witnessOf(job: Job | undefined): Artefact | undefined {
  return job && messageOf(job)?.witness;
}
