import { PotError } from '@proof-of-training/errors';

const DIGITS = /^(?:0[xX])?([0-9a-fA-F]{64})$/;

/**
 * A digest that a verifier insists on, as people copy it: 64 hexadecimal digits in either case, with or without `0x`.
 *
 * Errors: `PIN_INVALID` for anything else. That is also an empty text (an unset variable of a shell) and a value that is given
 * as `undefined`: whoever names a pin wants one, so that none is dropped silently.
 *
 * @param name of the option, for the error: `--run-id`, `expected.runId`
 * @returns `0x` and 64 lower-case digits
 * @example
 * parsePin('--run-id', 'AB…'); // '0xab…'
 */
export function parsePin(name: string, text: unknown): string {
  const digits = typeof text === 'string' ? DIGITS.exec(text)?.[1] : undefined;
  if (digits !== undefined) return `0x${digits.toLowerCase()}`;
  throw new PotError('PIN_INVALID', `${name} must be 64 hexadecimal digits, and ${saidOf(text)}`, {
    details: { name },
    hint: 'With or without 0x, in either case. Leave the option out where nothing is to be pinned.',
  });
}

function saidOf(text: unknown): string {
  if (text === '') return 'is empty (a variable that is not set?)';
  if (typeof text !== 'string') return `is ${text === null ? 'null' : typeof text}`;
  return `has ${text.length} characters that are no such digits`;
}
