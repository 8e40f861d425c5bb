/** A text of hexadecimal digits with the last bit of the digit at `at` changed. */
export function flipped(text: string, at: number): string {
  const digit = (Number.parseInt(text[at]!, 16) ^ 1).toString(16);
  return text.slice(0, at) + digit + text.slice(at + 1);
}
