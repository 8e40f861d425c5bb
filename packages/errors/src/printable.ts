/**
 * Text that may come from a file, for one line of a terminal: characters that control one, end a line or turn its direction are shown as
 * escapes, so that no file can write lines of its own or hide those of others.
 *
 * @example printable('a\nVERIFIED') // 'a\\u000aVERIFIED'
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}
