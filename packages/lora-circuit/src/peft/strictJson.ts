/** What is wrong with a JSON text; `key` is the name that an object has twice. */
export type JsonProblem =
  | { problem: 'syntax' }
  | { problem: 'duplicate'; key: string }
  | { problem: 'number' };

/**
 * JSON in which no object has a name twice, and, where `integersOnly`, every number is written as an integer that
 * a double holds exactly (`1.0` and `1e2` are refused).
 *
 * `JSON.parse` keeps the last of two equal names and other readers the first, so that one file would mean two things;
 * it also rounds numbers. The text is scanned once more for both after `JSON.parse` accepted it, which is why
 * the scan itself need not know the grammar.
 */
export function parseStrictJson(text: string, integersOnly: boolean): { value: unknown } | JsonProblem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the text; that it is not JSON is enough.
    return { problem: 'syntax' };
  }
  return findProblem(text, integersOnly) ?? { value };
}

/** Deepest nesting: far more than any header or configuration has, and nothing recurses over it without end. */
const MAX_DEPTH = 32;
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

/** Looks through a text that is known to be JSON. */
function findProblem(text: string, integersOnly: boolean): JsonProblem | undefined {
  /** Names seen so far in each object that is open; an array counts as an object without names. */
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; ) {
    const c = text[i]!;
    if (c === '"') {
      const end = stringEnd(text, i);
      if (nextIsColon(text, end)) {
        // Decoded, since "a" and "\u0061" are one name.
        const key = JSON.parse(text.slice(i, end)) as string;
        const names = open.at(-1)!;
        if (names.has(key)) return { problem: 'duplicate', key };
        names.add(key);
      }
      i = end;
    } else if (c === '-' || (c >= '0' && c <= '9')) {
      const end = numberEnd(text, i);
      const token = text.slice(i, end);
      if (integersOnly && !(INTEGER.test(token) && Number.isSafeInteger(Number(token)))) {
        return { problem: 'number' };
      }
      i = end;
    } else {
      if (c === '{' || c === '[') {
        if (open.push(new Set()) > MAX_DEPTH) return { problem: 'syntax' };
      } else if (c === '}' || c === ']') open.pop();
      i++;
    }
  }
  return undefined;
}

/** The index after the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** The index after the number that begins at `start`. */
function numberEnd(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && '0123456789.eE+-'.includes(text[i]!)) i++;
  return i;
}

function nextIsColon(text: string, from: number): boolean {
  let i = from;
  while (' \t\r\n'.includes(text[i] ?? '.')) i++;
  return text[i] === ':';
}
