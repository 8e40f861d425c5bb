import canonicalize from 'canonicalize';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { type AuditorOptions, type Opened, openEvidence, type ShownEvent } from './evidence.js';
import { parseAnswer, type Question, unfit } from './format.js';
import { reportIn } from './report.js';
import { timelineIn } from './timeline.js';
import { traceIn } from './trace.js';

/** Runs SQL over the views of some events. */
export type RunSql = (sql: string, events: readonly ShownEvent[]) => Promise<unknown>;

/** What `verifyAnswer` takes. */
export interface VerifyAnswerOptions extends AuditorOptions {
  /** What answers to SQL are computed with; `verifyAnswer` of the entry for Node has it. */
  sql?: RunSql;
}

/** An answer that follows from its evidence. */
export interface VerifiedAnswer {
  origin: string;
  question: Question;
  /** As it was computed from the evidence. */
  answer: unknown;
  /** Whether the evidence has every entry of the log at this checkpoint. */
  complete: boolean;
  checkpoint: Checkpoint;
  events: readonly ShownEvent[];
}

/**
 * Verifies an answer about a log, offline: that each of its events stands in the log, and that the answer is what follows from them. The answer
 * in the file is compared, never believed. Traces and timelines, reports and disclosed events are verified in browsers too; queries in Node.
 *
 * Errors: `FORMAT_*`, `LEDGER_ANSWER`, those of `verifyDisclosures`; for queries `LEDGER_SQL`.
 *
 * @example
 * const { answer, complete, checkpoint } = await verifyAnswer(await readFile('trace.json'), { vkeys });
 */
export async function verifyAnswer(
  source: string | Uint8Array,
  { sql, ...options }: VerifyAnswerOptions,
): Promise<VerifiedAnswer> {
  const { question, answer, evidence } = parseAnswer(source);
  const opened = openEvidence(evidence, options);
  const computed = await answerOf(question, opened, sql);
  if (canonicalize(computed) !== canonicalize(answer as never))
    throw unfit('it says something else than its evidence');
  const { origin, complete, checkpoint, events } = opened;
  return { origin, question, answer: computed, complete, checkpoint, events };
}

/** What evidence says to a question. Errors: `LEDGER_ANSWER`, `LEDGER_SQL`. */
export async function answerOf(question: Question, opened: Opened, sql?: RunSql): Promise<unknown> {
  switch (question.kind) {
    case 'trace':
      return traceIn(opened, question);
    case 'timeline':
      return timelineIn(opened, question);
    case 'report':
      return reportIn(opened);
    case 'events':
      return {
        events: opened.events.map(({ index, fields }) => ({ index, fields })),
      };
    case 'query':
      if (sql) return sql(question.sql, opened.events);
      throw unfit('an answer to SQL is verified in Node: @proof-of-training/ledger/node');
  }
}
