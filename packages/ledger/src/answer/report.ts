import type { Json } from '../event/canonical.js';
import { isKnownType, kindOf } from '../events/kinds.js';
import { quarantinedBy } from '../lineage/quarantineState.js';
import type { Opened } from './evidence.js';
import { unfit } from './format.js';

type Counts = Record<string, number>;

/** A log in numbers. */
export interface LogReport {
  entries: number;
  first: string | null;
  last: string | null;
  /** Events by type. */
  types: Counts;
  /** Events of a type with a schema that do not have its fields. */
  malformed: number[];
  stages: Counts;
  /** Of LLM calls, by model: calls, and tokens as servers said. */
  models: Record<string, { calls: number; inputTokens: number; outputTokens: number }>;
  /** Of runs and inferences: what verifying them gave, by the word of the one who recorded it. */
  verifications: Counts;
  policies: Counts;
  /** What is in quarantine. */
  quarantined: string[];
}

/** Fields that a report is made of. */
export const REPORT_FIELDS = [
  'id',
  'time',
  'type',
  'outcome',
  'gen_ai.request.model',
  'gen_ai.response.model',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'verification',
  'allowed',
  'artefact',
  'releaseKeys',
  'quarantine',
  'note',
];

/** Counts what is in a log, from all of its entries. Errors: `LEDGER_ANSWER` where one is left out, or hides what is counted. */
export function reportIn(opened: Opened): LogReport {
  if (!opened.complete) throw unfit('a report is of all entries, and some are left out');
  const { events, origin, checkpoint } = opened;
  const hidden = events.find(({ withheld }) => withheld.some((name) => REPORT_FIELDS.includes(name)));
  if (hidden) throw unfit(`event ${hidden.index} hides what is counted`);
  const fields = events.map((event) => event.fields);
  const types = count(fields.map(({ type }) => text(type)));
  return {
    entries: checkpoint.size,
    first: fields[0] ? text(fields[0].time) : null,
    last: fields[0] ? text(fields.at(-1)!.time) : null,
    types,
    malformed: events
      .filter((e) => isKnownType(e.fields.type) && !kindOf(e.fields))
      .map(({ index }) => index),
    stages: count(of(fields, 'stage').map(({ outcome }) => text(outcome))),
    models: modelsOf(of(fields, 'llm.call')),
    verifications: count(
      [...of(fields, 'training.run'), ...of(fields, 'inference')].map(({ verification }) =>
        text((verification as Record<string, Json>).result),
      ),
    ),
    policies: count(of(fields, 'policy.check').map(({ allowed }) => (allowed ? 'allowed' : 'refused'))),
    quarantined: [...quarantinedBy(origin, events).keys()].sort(),
  };
}

type Fields = Readonly<Record<string, Json>>;

function of(all: readonly Fields[], type: string): Fields[] {
  return all.filter((fields) => kindOf(fields)?.type === type);
}

function modelsOf(calls: readonly Fields[]): LogReport['models'] {
  const models: LogReport['models'] = Object.create(null);
  for (const call of calls) {
    const name = text(call['gen_ai.response.model'] ?? call['gen_ai.request.model'] ?? 'unknown');
    const model = models[name] ?? { calls: 0, inputTokens: 0, outputTokens: 0 };
    model.calls++;
    model.inputTokens += Number(call['gen_ai.usage.input_tokens'] ?? 0);
    model.outputTokens += Number(call['gen_ai.usage.output_tokens'] ?? 0);
    models[name] = model;
  }
  return models;
}

function count(words: readonly string[]): Counts {
  const counts: Counts = Object.create(null);
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
