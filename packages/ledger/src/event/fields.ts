import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { canonicalJson, type Json, MAX_DEPTH, MAX_EVENT_BYTES, refused, utf8Length } from './canonical.js';

/** What happened, as it is recorded. */
export interface LedgerEvent {
  /** What kind of event it is: a word, such as `inference`. */
  type: string;
  /** What is known of it, each a value of JSON. Names: letters, digits, `_`, `.`, `-`; not `id`, `time`, `type`. */
  fields: { readonly [name: string]: unknown };
  /** Unique in the log; default: a random UUID. */
  id?: string;
  /** RFC 3339 in UTC, or a Date; not before the event before it. Default: now. */
  time?: string | Date;
}

/** A field as it is committed to: its name, and its value as canonical JSON. */
export interface Field {
  name: string;
  json: string;
}

/** An event that was checked, its fields in the order of their names. */
export interface CheckedEvent {
  id: string;
  type: string;
  /** Milliseconds since 1970. */
  time: number;
  fields: Field[];
}

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const RESERVED = ['id', 'time', 'type'];
/** Longest name. */
export const MAX_NAME_BYTES = 64;
/** Fields of an event, with these three. */
export const MAX_FIELDS = 64;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

/**
 * Checks an event and puts it into its one form.
 *
 * @param missing gives what the event does not say itself
 *
 * Errors: `LEDGER_EVENT`.
 */
export function checkEvent(
  event: LedgerEvent,
  missing: { id: () => string; time: () => number },
): CheckedEvent {
  if (typeof event !== 'object' || event === null) throw refused('the event', 'is no object');
  const { type, fields, id = missing.id(), time, ...more } = event;
  const [other] = Object.keys(more);
  if (other !== undefined) throw refused('the event', 'has another member than type, fields, id and time');
  if (typeof type !== 'string' || !NAME.test(type))
    throw refused('the type', `must be a word of ${NAME.source}`);
  if (typeof id !== 'string' || !isId(id))
    throw refused('the id', 'must be 1 to 128 printable ASCII characters');
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw refused('the fields', 'are no object');
  const names = Object.keys(fields);
  if (names.length + RESERVED.length > MAX_FIELDS)
    throw refused('the event', `has more than ${MAX_FIELDS} fields`);
  const bad = names.find((name) => !NAME.test(name) || RESERVED.includes(name) || name === '__proto__');
  if (bad !== undefined)
    throw refused('a name of a field', `must be of ${NAME.source} and none of ${RESERVED}`);
  const at = time === undefined ? missing.time() : millisecondsOf(time);
  const own = { id, type, time: new Date(at).toISOString() };
  const all = [...Object.entries(own), ...names.map((name) => [name, fields[name]] as const)];
  const checked = all.map(([name, value]) => ({ name, json: canonicalJson(value, `the field ${name}`) }));
  const bytes = checked.reduce((sum, { name, json }) => sum + name.length + 4 + utf8Length(json), 1);
  if (bytes > MAX_EVENT_BYTES) throw refused('the event', `has more than ${MAX_EVENT_BYTES} bytes`);
  return { id, type, time: at, fields: checked.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/**
 * An event from a JSON text of unknown origin, read strictly: UTF-8, no name twice, no `__proto__`.
 *
 * Errors: `FORMAT_TOO_LARGE`, `FORMAT_TRUNCATED`, `FORMAT_NOT_JSON`, `FORMAT_DUPLICATE_KEY`, `FORMAT_PROTO_KEY`, `FORMAT_TOO_DEEP`.
 */
export function readEventJson(source: string | Uint8Array): LedgerEvent {
  const limits = { maxBytes: MAX_EVENT_BYTES, maxDepth: MAX_DEPTH + 2 };
  return readStrictJson(source, limits, 'the event') as LedgerEvent;
}

/** The fields as one canonical JSON object. */
export function fieldsJson(fields: readonly Field[]): string {
  return `{${fields.map(({ name, json }) => `"${name}":${json}`).join(',')}}`;
}

/** The fields' values. The object has no prototype. */
export function valuesOf(fields: readonly Field[]): Record<string, Json> {
  const values: Record<string, Json> = Object.create(null);
  for (const { name, json } of fields) values[name] = JSON.parse(json) as Json;
  return values;
}

/** Whether a text can be a field's name, with the three that every event has. */
export function isFieldName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name);
}

function isId(id: string): boolean {
  return /^[\x21-\x7e]{1,128}$/.test(id);
}

function millisecondsOf(time: string | Date): number {
  const isText = typeof time === 'string' && TIME.test(time);
  const ms = isText || time instanceof Date ? new Date(time).getTime() : Number.NaN;
  // Of 2026-02-30 a Date makes the second of March.
  const isReal = ms >= 0 && (!isText || new Date(ms).toISOString().startsWith(time.slice(0, 19)));
  if (isReal && ms <= LAST) return ms;
  throw refused('the time', 'must be a Date, or RFC 3339 in UTC: 2026-11-30T12:20:23.000Z');
}

/** The last moment of a year with four digits. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
