import { PotError, parsePin } from '@proof-of-training/halo2-wasm';

/** Parser of an option that may be given once: commander calls it with what the option had before. */
type Parser<T> = (text: string, before: T | undefined) => T;

/** A digest. Errors: `PIN_INVALID`, also for an empty one; `OPTION_TWICE`. */
export const pin = (flag: string): Parser<string> => once(flag, (text) => parsePin(flag, text));

/** A text that says something. Errors: `OPTION_INVALID`, `OPTION_TWICE`. */
export const text = (flag: string): Parser<string> =>
  once(flag, (value) => {
    if (value.trim() === '') throw invalid(flag, 'is empty (a variable that is not set?)');
    return value;
  });

/** One of the given words. Errors: `OPTION_INVALID`, `OPTION_TWICE`. */
export const oneOf = <T extends string>(flag: string, words: readonly T[]): Parser<T> =>
  once(flag, (value) => {
    const found = words.find((word) => word === value);
    if (found) return found;
    throw invalid(flag, `must be ${words.join(' or ')}`);
  });

/** A whole number from `least` to `most`. Errors: `OPTION_INVALID`, `OPTION_TWICE`. */
export const whole = (flag: string, least: number, most = Number.MAX_SAFE_INTEGER): Parser<number> =>
  once(flag, (value) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw invalid(flag, `must be a whole number from ${least} to ${most}`);
  });

/** Any finite number. Errors: `OPTION_INVALID`, `OPTION_TWICE`. */
export const number = (flag: string): Parser<number> =>
  once(flag, (value) => {
    const found = value.trim() === '' ? Number.NaN : Number(value);
    if (Number.isFinite(found)) return found;
    throw invalid(flag, 'must be a number');
  });

/** A positive number. Errors: `OPTION_INVALID`, `OPTION_TWICE`. */
export const positive = (flag: string): Parser<number> =>
  once(flag, (value) => {
    const number = value.trim() === '' ? Number.NaN : Number(value);
    if (number > 0 && Number.isFinite(number)) return number;
    throw invalid(flag, 'must be a positive number');
  });

function once<T>(flag: string, parse: (text: string) => T): Parser<T> {
  return (value, before) => {
    if (before === undefined) return parse(value);
    throw new PotError('OPTION_TWICE', `${flag} is given twice`, { details: { option: flag } });
  };
}

function invalid(flag: string, what: string): PotError {
  return new PotError('OPTION_INVALID', `${flag} ${what}`, { details: { option: flag } });
}
