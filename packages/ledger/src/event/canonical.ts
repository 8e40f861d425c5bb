import { isPotError, PotError } from '@proof-of-training/errors';
import canonicalize from 'canonicalize';
import { bytesOf } from '../bytes.js';

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Deepest nesting in a field's value. */
export const MAX_DEPTH = 16;
/** Largest event: the canonical JSON of all its fields, in bytes. */
export const MAX_EVENT_BYTES = 1 << 18;
/** Most values in a field: lists, objects and what is in them. */
const MAX_VALUES = 20_000;

/**
 * A value as canonical JSON (RFC 8785): one text for one value.
 *
 * Errors: `LEDGER_EVENT` for what is no JSON value or has more than one reading: functions, `undefined`, NaN, infinities, integers beyond
 * 2^53 - 1, texts that are no UTF-16, instances of classes, `__proto__`, circles, and what is too deep or too large. The value is never
 * quoted.
 *
 * @param what the field in words, for the errors
 *
 * @example canonicalJson({ b: 1, a: [true, null] }); // '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown, what = 'the value'): string {
  const text = canonicalize(read(value, what))!;
  if (text.length > MAX_EVENT_BYTES) throw refused(what, `has more than ${MAX_EVENT_BYTES} bytes`);
  return text;
}

function read(value: unknown, what: string): Json {
  try {
    return plain(value, what, 0, { left: MAX_VALUES });
  } catch (e) {
    if (isPotError(e)) throw e;
    // A getter's or a proxy's own error may say what must not be said.
    throw refused(what, 'cannot be read');
  }
}

/** Bytes of a text as UTF-8. */
export function utf8Length(text: string): number {
  return bytesOf(text).length;
}

/** A copy of plain data: what is read here is what is written, whatever getters or proxies say a second time. */
function plain(value: unknown, what: string, depth: number, budget: { left: number }): Json {
  if (budget.left-- <= 0) throw refused(what, `has more than ${MAX_VALUES} values`);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return text(value, what);
  if (typeof value === 'number') return number(value, what);
  if (typeof value !== 'object') throw refused(what, `has a value of type ${typeof value}`);
  if (depth >= MAX_DEPTH) throw refused(what, `has more than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    if (value.length > budget.left) throw refused(what, `has more than ${MAX_VALUES} values`);
    return Array.from(value, (item) => plain(item, what, depth + 1, budget));
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw refused(what, 'has an object of a class, not plain data');
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused(what, 'has a symbol as a name');
  const copy: Record<string, Json> = Object.create(null);
  for (const name of Object.keys(value)) {
    if (name === '__proto__') throw refused(what, 'has the name __proto__');
    copy[text(name, what)] = plain((value as Record<string, unknown>)[name], what, depth + 1, budget);
  }
  return copy;
}

function text(value: string, what: string): string {
  if (value.length > MAX_EVENT_BYTES) throw refused(what, `has more than ${MAX_EVENT_BYTES} bytes`);
  if (/\p{Cs}/u.test(value)) throw refused(what, 'has half a pair of surrogates, which is no UTF-8');
  return value;
}

function number(value: number, what: string): number {
  if (!Number.isFinite(value)) throw refused(what, 'has a number that is not finite');
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw refused(what, 'has an integer beyond 2^53 - 1, which readers round differently: write it as text');
  return value;
}

/** Why something is no event. Never quotes a value. */
export function refused(what: string, why: string): PotError {
  return new PotError('LEDGER_EVENT', `${what} ${why}`, {
    hint: 'An event is plain JSON data: docs/protocol/ledger.md says what it may have. Nothing was written.',
  });
}
