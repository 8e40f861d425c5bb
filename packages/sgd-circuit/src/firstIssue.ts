import type { z } from 'zod';

/** Longest text of {@link firstIssue}, in characters. */
const LONGEST = 300;

/**
 * What a schema says of a value of unknown origin, for an error message: where, and the first thing that is wrong. A schema quotes names
 * of the value, so the text is cut to 300 characters, and what would steer a terminal is escaped. `path` is `top` for the value itself.
 * For files: of arguments of functions, `describeIssue` says more.
 *
 * @example
 * const { text } = firstIssue(z.object({ k: z.int() }).safeParse({ k: 'a' }).error);
 * // 'at k: Invalid input: expected int, received string'
 */
export function firstIssue({ issues }: z.ZodError): { path: string; text: string } {
  const path = issues[0]?.path.map(String).join('.') || 'top';
  const text = escaped(`at ${path}: ${issues[0]?.message ?? 'invalid'}`);
  return { path, text: text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...` };
}

/** Control characters, line separators and those that turn the direction of text, as JSON escapes them. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) =>
    [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
