import type { ProverResult } from '@proof-of-training/core';
import { abortedError } from '@proof-of-training/core/executor';
import { asPotError, PotError } from '@proof-of-training/errors';
import { parseFailure } from '../message/messages.js';
import type { ClusterMetrics } from '../metrics/clusterMetrics.js';
import { report } from '../queue/reports.js';
import { type AttemptParts, attempt, type Wanted } from './attempt.js';
import type { Ended } from './jobWatch.js';
import { judge } from './results.js';

/** A proof is tried so often before it is given up. */
const ATTEMPTS = 3;
/** What others than trusted workers answer is no try; but somebody who answers everything must not hold up a run for ever. */
const MAX_JOBS = 20;

/** What asking works with. */
export interface AskParts extends Omit<AttemptParts, 'onSubmitted' | 'onLost'> {
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
 * Has a proof made by one of the workers, and judges what they say until one has given a proof that holds.
 *
 * Errors: `CLUSTER_FAILED` with all causes; those of {@link attempt}; `PROVER_ABORTED`.
 */
export async function ask(parts: AskParts, metrics: ClusterMetrics, wanted: Wanted): Promise<ProverResult> {
  const avoid = new Set<string>();
  const failures: PotError[] = [];
  let tries = 0;
  for (let n = 0; tries < ATTEMPTS && n < MAX_JOBS; n++) {
    if (wanted.signal.aborted) throw abortedError(wanted.signal);
    const counted = { onSubmitted: () => metrics.submitted(), onLost: () => metrics.lostJob() };
    const id = `${wanted.statement}.${n}`;
    const ended = await attempt({ ...parts, ...counted }, wanted, id, avoid);
    const judged = await judgeEnd(parts, metrics, ended, wanted, id);
    if ('result' in judged) return judged.result;
    if (!judged.refused) tries++;
    failures.push(judged.error);
    if (judged.by) avoid.add(judged.by);
  }
  return giveUp(parts, wanted, failures);
}

async function judgeEnd(
  parts: AskParts,
  metrics: ClusterMetrics,
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
  const judged = await judge(ended.value, wanted, parts.roster);
  if (judged.ok) return { result: judged.result };
  metrics.refusedResult();
  if ('liar' in judged) await blame(parts, metrics, judged.liar, wanted.statement, judged.error);
  // Nobody is to take it for the proof.
  await (await parts.queue.getJob(id))?.remove().catch(() => {});
  return { error: judged.error, by, ...(!('liar' in judged) && { refused: true as const }) };
}

async function blame(
  { roster, redis, onWarning }: AskParts,
  metrics: ClusterMetrics,
  { id, name }: { id: string; name: string },
  statement: string,
  error: PotError,
): Promise<void> {
  roster.setAside(id);
  metrics.wrongProof(name);
  onWarning(
    `worker ${name} returned a proof that does not verify (${error.code}); it gets no more work of this process. ` +
      'Strike it out of the list of workers unless you know why',
  );
  await report(redis, { what: 'wrong proof', statement, worker: name, cause: error.code });
}

async function giveUp(
  { redis }: AskParts,
  { task, statement }: Wanted,
  failures: PotError[],
): Promise<never> {
  const last = failures.at(-1)!;
  const causes = failures.map(({ code, shortMessage }) => `${code}: ${shortMessage}`);
  await report(redis, { what: 'given up', statement, cause: causes.join('; ').slice(0, 1000) });
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
