import { PotError, requireText } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { checkArgument, sourceSchema } from './check.js';

/** What is wrong with a JSON text; `key` is the name that an object has twice. */
export type JsonProblem =
  | { problem: 'syntax' | 'encoding' | 'depth' | 'proto' }
  | { problem: 'size'; bytes: number }
  | { problem: 'duplicate'; key: string }
  | { problem: 'number' };

/** What is asked of a JSON text, besides that it is one. */
export interface StrictJsonOptions {
  /** Every number must be written as an integer that a double holds exactly: `1.0` and `1e2` are refused. */
  integersOnly?: boolean;
  /** The name `__proto__` may be there, for formats in which names are free; default: refused. */
  allowProto?: boolean;
  /** Deepest nesting of lists and objects; default 32. */
  maxDepth?: number;
  /** Largest text in bytes; default: any. */
  maxBytes?: number;
}

const optionsSchema = z.strictObject({
  integersOnly: z.boolean().optional(),
  allowProto: z.boolean().optional(),
  maxDepth: z.int().min(0).optional(),
  maxBytes: z.union([z.number().min(0), z.literal(Number.POSITIVE_INFINITY)]).optional(),
} satisfies { [K in keyof Required<StrictJsonOptions>]: z.ZodType });

/** Far more than any file of ours has, and nothing recurses over it without end. */
const MAX_DEPTH = 32;

/**
 * JSON that means the same thing to every reader: no object has a name twice, none has the name `__proto__`, lists and objects
 * do not lie too deep in each other, and bytes are UTF-8. One byte order mark at the beginning is skipped, in text and in bytes.
 *
 * `JSON.parse` keeps the last of two equal names and other readers the first, so that one file would mean two things;
 * it also rounds numbers. The text is scanned once more for both after `JSON.parse` accepted it, which is why
 * the scan itself need not know the grammar.
 *
 * Errors: `OPTION_INVALID` for a source that is neither text nor bytes, or for wrong options.
 *
 * @example
 * const read = parseStrictJson('{"a":1}');
 * if ('value' in read) console.log(read.value);
 */
export function parseStrictJson(
  source: string | Uint8Array,
  options: StrictJsonOptions = {},
): { value: unknown } | JsonProblem {
  checkArgument(sourceSchema, source, 'parseStrictJson', 'source');
  checkArgument(optionsSchema, options, 'parseStrictJson', 'options');
  const { maxBytes = Number.POSITIVE_INFINITY, maxDepth = MAX_DEPTH } = options;
  const bytes = typeof source === 'string' ? utf8Length(source, maxBytes) : source.byteLength;
  if (bytes > maxBytes) return { problem: 'size', bytes };
  const text = textOf(source);
  if (text === undefined) return { problem: 'encoding' };
  if (tooDeep(text, maxDepth)) return { problem: 'depth' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the text; that it is not JSON is enough.
    return { problem: 'syntax' };
  }
  return findProblem(text, options) ?? { value };
}

/**
 * {@link parseStrictJson} for files: its problems as errors. None of them quotes the text.
 *
 * Errors: `FORMAT_TOO_LARGE`, `FORMAT_TRUNCATED`, `FORMAT_NOT_JSON` (also: not UTF-8), `FORMAT_DUPLICATE_KEY` (the name
 * in `details.key`), `FORMAT_PROTO_KEY`, `FORMAT_TOO_DEEP`; `OPTION_INVALID`.
 *
 * @param what the file in words, for the errors
 * @example
 * const value = readStrictJson(await readFile(path), { maxBytes: 1 << 20 }, path);
 */
export function readStrictJson(
  source: string | Uint8Array,
  options: StrictJsonOptions = {},
  what = 'the file',
): unknown {
  requireText(what, 'readStrictJson', 'what');
  const json = parseStrictJson(source, options);
  if ('problem' in json) throw jsonError(json, source, options, what);
  return json.value;
}

function jsonError(
  json: JsonProblem,
  source: string | Uint8Array,
  { maxBytes, maxDepth = MAX_DEPTH }: StrictJsonOptions,
  what: string,
): PotError {
  const again = 'The file is damaged or cut off: get it again.';
  switch (json.problem) {
    case 'size':
      return new PotError(
        'FORMAT_TOO_LARGE',
        `${what} has ${json.bytes} bytes: up to ${maxBytes} bytes are read`,
      );
    case 'duplicate':
      return new PotError('FORMAT_DUPLICATE_KEY', `${what} has a name twice in one object`, {
        details: { key: json.key.slice(0, 100) },
        hint: 'Readers would disagree about what it says. Ask its maker for another one.',
      });
    case 'proto':
      return new PotError('FORMAT_PROTO_KEY', `${what} has the name __proto__ in an object`);
    case 'depth':
      return new PotError('FORMAT_TOO_DEEP', `${what} has more than ${maxDepth} levels of nesting`);
    case 'number':
      return new PotError('FORMAT_NOT_INTEGER', `${what} has a number that is no exact integer`);
    case 'encoding':
      return new PotError('FORMAT_NOT_JSON', `${what} is not UTF-8 text`, { hint: again });
    case 'syntax': {
      const text = (textOf(source) ?? '').trim();
      const cut = text.startsWith('{') && !text.endsWith('}');
      return new PotError(cut ? 'FORMAT_TRUNCATED' : 'FORMAT_NOT_JSON', `${what} is not whole JSON`, {
        hint: again,
      });
    }
  }
}

/** Bytes of a text; not counted where its characters alone say enough. */
function utf8Length(text: string, limit: number): number {
  if (text.length > limit || 3 * text.length <= limit) return text.length;
  return new TextEncoder().encode(text).byteLength;
}

/** Without a byte order mark; undefined for bytes that are no UTF-8. */
function textOf(source: string | Uint8Array): string | undefined {
  if (typeof source === 'string') return source.charCodeAt(0) === BOM ? source.slice(1) : source;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch {
    return undefined;
  }
}

const BOM = 0xfeff;
// Character codes, not characters: headers of many megabytes are scanned.
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MINUS = 0x2d;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Whether lists and objects lie too deep in each other, said before `JSON.parse` builds them; any text. */
function tooDeep(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = stringEnd(text, i) - 1;
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--;
  }
  return false;
}

/** Looks through a text that is known to be JSON. */
function findProblem(
  text: string,
  { integersOnly = false, allowProto = false }: StrictJsonOptions,
): JsonProblem | undefined {
  /** Names seen so far in each object that is open; a list counts as an object without names. */
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; ) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      const end = stringEnd(text, i);
      if (nextIsColon(text, end)) {
        const key = decoded(text.slice(i, end));
        const names = open.at(-1)!;
        if (names.has(key)) return { problem: 'duplicate', key };
        if (key === '__proto__' && !allowProto) return { problem: 'proto' };
        names.add(key);
      }
      i = end;
    } else if (c === MINUS || isDigit(c)) {
      const end = numberEnd(text, i);
      if (integersOnly && !isInteger(text.slice(i, end))) return { problem: 'number' };
      i = end;
    } else {
      if (c === OPEN_BRACE || c === OPEN_BRACKET) open.push(new Set());
      else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) open.pop();
      i++;
    }
  }
  return undefined;
}

/** A name as the text means it: "a" and "\u0061" are one name. */
function decoded(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}

function isInteger(token: string): boolean {
  return /^(?:0|-?[1-9][0-9]*)$/.test(token) && Number.isSafeInteger(Number(token));
}

/** The index after the string that begins at `start`; after the text where it does not end. */
function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) return i + 1;
    i += c === BACKSLASH ? 2 : 1;
  }
  return text.length;
}

/** The index after the number that begins at `start`. */
function numberEnd(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && (isDigit(text.charCodeAt(i)) || '.eE+-'.includes(text[i]!))) i++;
  return i;
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

function nextIsColon(text: string, from: number): boolean {
  let i = from;
  while (i < text.length && ' \t\r\n'.includes(text[i]!)) i++;
  return text.charCodeAt(i) === COLON;
}
