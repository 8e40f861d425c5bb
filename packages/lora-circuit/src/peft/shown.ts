/** A value from a file of unknown origin, for an error message: as JSON, which escapes control characters, at most 120 long. */
export function shown(value: unknown): string {
  const text = String(JSON.stringify(value));
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
