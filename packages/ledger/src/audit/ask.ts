import { PotError } from '@proof-of-training/errors';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { Answer } from '../answer/format.js';
import { REPORT_FIELDS } from '../answer/report.js';
import { digestSchema } from '../events/digest.js';
import { FLOW_FIELDS, GUARDED_FIELDS } from '../events/kinds.js';
import { Lineage } from '../lineage/lineage.js';
import type { EventLog, RecordedEvent } from '../log/eventLog.js';
import { answered, everyEvent, fieldsIn, gather, rotationsIn } from './gather.js';
import { runSql } from './sql.js';

/** What `trace` takes. */
export interface TraceOptions {
  /** Digest of what is known: of a data file. */
  from: string;
  /** Digest of what was made of it: of a decision. */
  to: string;
  /** Fields to show besides those that the path needs, such as `name`. */
  fields?: readonly string[];
}

/** What `timeline` takes. */
export interface TimelineOptions {
  from: string | Date;
  /** Before this. */
  to: string | Date;
  /** Fields to show besides time and type. */
  fields?: readonly string[];
}

/** What `query` takes. */
export interface QueryOptions {
  /** One statement that reads: SELECT, WITH or VALUES. */
  sql: string;
  /** Fields that the views have, and that the evidence shows; default: all but salts and texts. */
  fields?: readonly string[];
  /** Evidence for the events that are named in the column `entry` of the answer alone, not for the whole log. */
  rowsOnly?: boolean;
}

const names = z.array(z.string()).optional();
const traceSchema = z.object({
  from: digestSchema,
  to: digestSchema,
  fields: names,
} satisfies ShapeFor<TraceOptions>);
const moment = z.union([z.date(), z.iso.datetime()]);
const timelineSchema = z.object({
  from: moment,
  to: moment,
  fields: names,
} satisfies ShapeFor<TimelineOptions>);
const querySchema = z.object({
  sql: z.string().min(1),
  fields: names,
  rowsOnly: z.boolean().optional(),
} satisfies ShapeFor<QueryOptions>);

/**
 * How something was made from something else, with a proof of every step; where no events lead there, with all that shows it.
 *
 * Errors: `OPTION_*`, those of `EventLog.find` and `EventLog.disclose`.
 *
 * @example
 * const { answer, evidence } = await trace(log, { from: digestOfData, to: digestOfDecision, fields: ['name'] });
 */
export async function trace(log: EventLog, options: TraceOptions): Promise<Answer> {
  checkOptions(traceSchema, options, 'trace');
  const { from, to, fields = [] } = options;
  if (from === to)
    throw new PotError('OPTION_INVALID', 'trace: the options from and to name the same content');
  const at = await log.published();
  const all = await everyEvent(log, at);
  const steps = new Lineage(all).path(from, to)?.map(({ index }) => index);
  const shown = all.filter(({ index }) => steps?.includes(index) ?? true);
  const evidence = await gather(
    log,
    at,
    shown.map((event) => fieldsIn(event, ['type', 'time', ...(FLOW_FIELDS[event.type] ?? []), ...fields])),
    steps ? [] : rotationsIn(at),
  );
  return answered(at, { kind: 'trace', from, to }, evidence);
}

/**
 * What happened from a time on and before another, with what shows that nothing was left out: an auditor of an incident asks for it.
 *
 * Errors: `OPTION_*`, those of `EventLog.find` and `EventLog.disclose`.
 *
 * @example
 * const { answer } = await timeline(log, { from: '2026-11-30T12:20:00Z', to: '2026-11-30T12:21:00Z' });
 */
export async function timeline(log: EventLog, options: TimelineOptions): Promise<Answer> {
  checkOptions(timelineSchema, options, 'timeline');
  const [from, to] = [new Date(options.from).toISOString(), new Date(options.to).toISOString()];
  const { fields = [] } = options;
  const at = await log.published();
  const { size } = at.checkpoint;
  const span = (await log.find({ from, to, limit: 1_000_000 })).filter(({ index }) => index < size);
  const [before] = await neighbour(log, 'before', from);
  const [after] = (await neighbour(log, 'after', to)).filter(({ index }) => index < size);
  const [first, end] = [before?.index ?? 0, after ? after.index + 1 : size];
  const rotations = rotationsIn(at).filter((index) => index >= first && index < end);
  const edges = [before, after]
    .filter((event) => event !== undefined)
    .map((event) => fieldsIn(event, ['time']));
  const shown = span.map((event) => fieldsIn(event, ['type', 'time', ...fields]));
  const evidence = await gather(log, at, [...shown, ...edges], rotations);
  return answered(at, { kind: 'timeline', from, to }, evidence);
}

/** The last event before a time, or the first that is not before it. */
async function neighbour(log: EventLog, side: 'before' | 'after', time: string): Promise<RecordedEvent[]> {
  if (side === 'after') return log.find({ from: time, limit: 1 });
  const [next] = await log.find({ from: time, limit: 1 });
  for (let index = (next?.index ?? log.size) - 1; index >= 0; index--) {
    const found = await log.find({ after: index, to: time, limit: 1 });
    if (found.length > 0) return found;
  }
  return [];
}

/**
 * What one statement of SQL gives over the views of docs/operate/audit.md. It reads: what writes is refused, and there is nothing that it could
 * write to. The evidence has all entries of the log, so that an auditor's own run of the statement gives the same.
 *
 * Errors: `OPTION_*`, `LEDGER_SQL`, those of `EventLog.find` and `EventLog.disclose`.
 *
 * @example
 * const { answer } = await query(log, { sql: "SELECT entry, time FROM events WHERE type = 'llm.call' ORDER BY entry" });
 */
export async function query(log: EventLog, options: QueryOptions): Promise<Answer> {
  checkOptions(querySchema, options, 'query');
  const { sql, fields, rowsOnly = false } = options;
  const at = await log.published();
  const all = await everyEvent(log, at);
  const shownOf = (event: RecordedEvent) =>
    fieldsIn(event, fields ?? Object.keys(event.fields).filter((name) => !GUARDED_FIELDS.includes(name)));
  const wanted = rowsOnly ? await entriesOf(sql, all, shownOf) : undefined;
  const evidence = await gather(
    log,
    at,
    all.filter(({ index }) => wanted?.has(index) ?? true).map(shownOf),
    wanted ? [] : rotationsIn(at),
  );
  return answered(at, { kind: 'query', sql }, evidence, runSql);
}

/** Events that the answer names in its column `entry`. */
async function entriesOf(
  sql: string,
  all: readonly RecordedEvent[],
  shownOf: (event: RecordedEvent) => { fields: readonly string[] },
): Promise<Set<unknown>> {
  const events = all.map((event) => {
    const shown = shownOf(event).fields;
    const entries = Object.entries(event.fields);
    return {
      index: event.index,
      fields: Object.fromEntries(entries.filter(([name]) => shown.includes(name))),
      withheld: Object.keys(event.fields).filter((name) => !shown.includes(name)),
    };
  });
  const { columns, rows } = await runSql(sql, events);
  const at = columns.indexOf('entry');
  return new Set(rows.map((row) => row[at]));
}

/**
 * The log in numbers, over all its entries: types, outcomes, models and tokens, verifications, policies, what is in quarantine.
 *
 * Errors: those of `EventLog.find` and `EventLog.disclose`.
 *
 * @example
 * const { answer } = await report(log);
 */
export async function report(log: EventLog): Promise<Answer> {
  const at = await log.published();
  const all = await everyEvent(log, at);
  const evidence = await gather(
    log,
    at,
    all.map((event) => fieldsIn(event, REPORT_FIELDS)),
    rotationsIn(at),
  );
  return answered(at, { kind: 'report' }, evidence);
}

/**
 * Chosen fields of chosen events, with proofs, and nothing else.
 *
 * Errors: `LEDGER_INDEX`, `LEDGER_FIELD`.
 *
 * @example
 * const { answer } = await disclose(log, [3, 4], ['type', 'time']);
 */
export async function disclose(
  log: EventLog,
  indices: readonly number[],
  fields: readonly string[],
): Promise<Answer> {
  const at = await log.published();
  const evidence = await gather(
    log,
    at,
    [...new Set(indices)].map((index) => ({ index, fields })),
  );
  return answered(at, { kind: 'events' }, evidence);
}
