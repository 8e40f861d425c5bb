import type { z } from 'zod';

/** A value from a file of unknown origin, for an error message: as JSON, which escapes control characters, at most 120 long. */
export function shown(value: unknown): string {
  return short(String(JSON.stringify(value)));
}

/** What a schema says about a value: where, and the first thing that is wrong. */
export function shownIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `at ${shown(issue?.path.join('.') || 'top')}: ${short(issue?.message ?? 'invalid')}`;
}

function short(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
