/** What is wrong with a JSON text; `key` is the name that an object has twice. */
export type JsonProblem =
  | { problem: 'syntax' }
  | { problem: 'duplicate'; key: string }
  | { problem: 'number' };

/** Deepest nesting: far more than any header or configuration has, and nothing recurses over it without end. */
const MAX_DEPTH = 32;

/**
 * JSON in which no object has a name twice, and, where `integersOnly`, every number is written as an integer that
 * a double holds exactly (`1.0` and `1e2` are refused).
 *
 * `JSON.parse` keeps the last of two equal names and other readers the first, so that one file would mean two things;
 * it also rounds numbers. The text is scanned once more for both after `JSON.parse` accepted it, which is why
 * the scan itself need not know the grammar.
 */
export function parseStrictJson(text: string, integersOnly: boolean): { value: unknown } | JsonProblem {
  if (tooDeep(text)) return { problem: 'syntax' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the text; that it is not JSON is enough.
    return { problem: 'syntax' };
  }
  return findProblem(text, integersOnly) ?? { value };
}

// Character codes, not characters: headers of many megabytes are scanned.
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MINUS = 0x2d;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Whether lists and objects lie too deep in each other, said before `JSON.parse` builds them; any text. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = stringEnd(text, i) - 1;
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return true;
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--;
  }
  return false;
}

/** Looks through a text that is known to be JSON. */
function findProblem(text: string, integersOnly: boolean): JsonProblem | undefined {
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
