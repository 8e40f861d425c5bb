import { type Opened, openEvidence } from '../answer/evidence.js';
import { ANSWER_FORMAT, type Answer, type Evidence, type Question } from '../answer/format.js';
import { answerOf, type RunSql } from '../answer/verifyAnswer.js';
import type { EventLog, RecordedEvent } from '../log/eventLog.js';
import { formatVkey } from '../note/key.js';
import type { PublicLog } from '../public/publicLog.js';

/** What of an event is shown. */
export interface ShownFields {
  index: number;
  fields: readonly string[];
}

/** The proofs of some events, with chosen fields, and of rotations of keys, all at one state of the log. */
export async function gather(
  log: EventLog,
  at: PublicLog,
  events: readonly ShownFields[],
  rotations: readonly number[] = [],
): Promise<Evidence> {
  const entries: Evidence['entries'] = [];
  for (const { index, fields } of events)
    entries.push({ proof: headOf(await log.disclose(index, fields, at)) });
  // They stand in the log in the order of their notes.
  const all = rotationsIn(at);
  for (const index of rotations)
    entries.push({ proof: headOf(await at.prove(index)), keys: all.indexOf(index) + 1 });
  return { checkpoint: at.checkpoint.note, keys: [...at.keyNotes], entries };
}

/** A proof without its checkpoint. */
function headOf(proof: string): string {
  return proof.slice(0, proof.indexOf('\n\n'));
}

/** Entries that are rotations of keys: each note names the size with its entry. */
export function rotationsIn({ ring }: PublicLog): number[] {
  return ring.epochs.slice(1).map(({ from }) => from - 1);
}

/** All events of a state of the log. */
export async function everyEvent(log: EventLog, at: PublicLog): Promise<RecordedEvent[]> {
  const events = await log.find({ limit: 1_000_000 });
  return events.filter(({ index }) => index < at.checkpoint.size);
}

/** The answer that evidence gives to a question, as everyone will find it. Errors: those of `verifyAnswer`. */
export async function answered(
  at: PublicLog,
  question: Question,
  evidence: Evidence,
  sql?: RunSql,
): Promise<Answer> {
  return {
    format: ANSWER_FORMAT,
    question,
    answer: await answerOf(question, openOwn(at, evidence), sql),
    evidence,
  };
}

/** The owner's own evidence, opened as an auditor opens it. */
function openOwn({ ring }: PublicLog, evidence: Evidence): Opened {
  return openEvidence(evidence, { vkeys: ring.epochs.at(-1)!.keys.map(formatVkey) });
}

/** Which of these fields an event has. */
export function fieldsIn({ index, fields }: RecordedEvent, names: readonly string[]): ShownFields {
  return { index, fields: names.filter((name) => name in fields) };
}
