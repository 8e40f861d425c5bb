import type { Srs } from '@proof-of-training/halo2-wasm';
import { numbersSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import type { ShapeFor } from './checkOptions.js';

/** A schema of a test, whose failure says `must be ...`. */
export function is<T>(what: string, test: (value: unknown) => boolean): z.ZodType<T> {
  return z.custom<T>(test, `must be ${what}`);
}

/** A whole number in a range; a text of digits is none. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return is(`a whole number ${range}`, (v) => Number.isSafeInteger(v) && in_(v as number, least, most));
}

function in_(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

/** A finite number above 0. */
export const positive = is<number>('a finite number above 0', (v) => Number.isFinite(v) && (v as number) > 0);
/** A finite number from 0. */
export const notNegative = is<number>(
  'a finite number from 0',
  (v) => Number.isFinite(v) && (v as number) >= 0,
);
/** A finite number. */
export const finite = is<number>('a finite number', (v) => Number.isFinite(v));
/** true or false. */
export const flag = is<boolean>('true or false', (v) => typeof v === 'boolean');
/** A text that is not empty. */
export const text = is<string>('a text that is not empty', (v) => typeof v === 'string' && v !== '');
/** A function. */
export const callback = is<(...a: never[]) => unknown>('a function', (v) => typeof v === 'function');
/** An array. */
export const list = is<readonly unknown[]>('an array', Array.isArray);
/** An object that is no array. */
export const object = is<object>(
  'an object',
  (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
);
/** Bytes, of a length where one is given. */
export function bytes(length?: number): z.ZodType<Uint8Array> {
  const what = length === undefined ? 'a Uint8Array' : `a Uint8Array of ${length} bytes`;
  return is(what, (v) => v instanceof Uint8Array && (length === undefined || v.length === length));
}
/** One of some texts. */
export function oneOf<T extends string>(...names: readonly T[]): z.ZodType<T> {
  return is(`one of ${names.join(', ')}`, (v) => names.includes(v as T));
}

/** A signal of AbortController. */
export const signal = is<AbortSignal>('an AbortSignal', (v) => v instanceof AbortSignal);
/** Threads: -1 is one a core. */
export const threads = is<number>(
  'a whole number from 1 to 1024, or -1 for one a core',
  (v) => v === -1 || (Number.isInteger(v) && in_(v as number, 1, 1024)),
);
/** An engine's name: which there are, and which can be had here, the loader says (`ENGINE_*`). */
export const engine = text;
/** An SRS as readSrs gives it. */
export const srs = is<Srs>('an SRS (readSrs)', isString);
/** The same, or the word for the development SRS. */
export const srsChoice = is<Srs | 'development'>(
  "an SRS (readSrs), or 'development'",
  (v) => v === 'development' || isString(v),
);
/** Settings as loadConfig gives them. */
export const config = is<object>('settings of loadConfig', (v) =>
  ['circuit', 'prover', 'cache'].every((part) => {
    const section = (v as Record<string, unknown> | null)?.[part];
    return typeof section === 'object' && section !== null;
  }),
);
/** An object of ProverMetrics. */
export const metrics = is<object>(
  'a ProverMetrics',
  (v) => typeof (v as { countCache?: unknown } | null)?.countCache === 'function',
);
/** A model of TensorFlow.js, of whichever copy. */
export const model = is<object>(
  'a tf.LayersModel',
  (v) => Array.isArray((v as { layers?: unknown } | null)?.layers) && 'inputs' in (v as object),
);
/** TensorFlow.js itself. */
export const tensorflow = is<object>('TensorFlow.js (import * as tf)', (v) => {
  const { layers, initializers, LayersModel } = (v ?? {}) as Record<
    string,
    Record<string, unknown> | undefined
  >;
  return [layers?.dense, initializers?.zeros, LayersModel].every((f) => typeof f === 'function');
});
/** Numbers in a row: a typed array or an array. */
export const numbers = numbersSchema;
/** `0x` and 64 hex digits. */
export const hex32 = is<string>(
  '0x and 64 hex digits',
  (v) => typeof v === 'string' && /^0x[0-9a-fA-F]{64}$/.test(v),
);
/** Anything: what it must be, another check says, with a code of its own. */
export const elsewhere = z.unknown();

/** Ways to close a prover. */
export const closeOptions = z.strictObject({ force: flag.optional() } satisfies ShapeFor<{
  force?: boolean;
}>);
/** What every prover takes; `workers` and `threads` apart. */
export const proverShape = {
  srs: srsChoice.optional(),
  config: config.optional(),
  engine: engine.optional(),
  memoryBudgetMb: positive.optional(),
  metrics: metrics.optional(),
  onWarning: callback.optional(),
};

function isString(value: unknown): boolean {
  return (value as { bytes?: unknown } | null)?.bytes instanceof Uint8Array;
}
