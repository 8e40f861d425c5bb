import { PotError } from '@proof-of-training/halo2-wasm';
import { getAddress, isAddress } from 'ethers';

/** A value of an option that is not what the option takes, an empty one among them: an unset variable of a shell. */
function invalid(name: string, text: string, must: string): PotError {
  const is = text === '' ? 'is empty (a variable that is not set?)' : 'is something else';
  return new PotError('OPTION_INVALID', `${name} must be ${must}, and ${is}`, { details: { option: name } });
}

/** Readers of options' values, for commander. Errors of all: `OPTION_INVALID`. */
export function text(name: string): (value: string) => string {
  return (value) => {
    if (value === '') throw invalid(name, value, 'a text');
    return value;
  };
}

/** Path of a file or a folder. */
export const path = text;

/** An account or a contract, with its checksum. */
export function address(name: string): (value: string) => string {
  return (value) => {
    if (!isAddress(value)) throw invalid(name, value, 'an address: 0x and 40 hexadecimal digits');
    return getAddress(value);
  };
}

/** One of some words, given once. */
export function oneOf<T extends string>(name: string, words: readonly T[]): (value: string, before?: T) => T {
  return (value, before) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw invalid(name, value, words.join(' or '));
    if (before === undefined) return found;
    throw new PotError('OPTION_TWICE', `${name} is given twice`, { details: { option: name } });
  };
}

/** A whole number in a range, written as one. */
export function whole(
  name: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^[0-9]+$/.test(value) || !Number.isSafeInteger(number) || number < least || number > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
      throw invalid(name, value, `a whole number ${range}`);
    }
    return number;
  };
}
