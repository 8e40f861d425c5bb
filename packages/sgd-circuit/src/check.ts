import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';

interface Issue {
  path: PropertyKey[];
  message: string;
  errors?: Issue[][];
}

/** Of a union, the branch that came furthest: `profile.b` is more than `profile`. */
function deepest(issue: z.core.$ZodIssue): Issue {
  const found = issue as Issue;
  const inner = (found.errors ?? []).flat().filter((i) => i.path.length > 0);
  const best = inner[0];
  return best ? { path: [...found.path, ...best.path], message: best.message } : found;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}

/**
 * The first thing that a schema found wrong with a value: where, what is there, and what it must be.
 *
 * @example
 * const { name, must } = describeIssue(result.error, value);
 */
export function describeIssue(
  error: z.ZodError,
  value: unknown,
): { name: string; value: unknown; must: string } {
  const { path, message } = deepest(error.issues[0]!);
  // Schemas of this library say `must be ...`; zod's own texts are put in brackets.
  const must = message.startsWith('must ') ? message : `is wrong (${message})`;
  return { name: path.map(String).join('.'), value: valueAt(value, path), must };
}

/**
 * Checks one argument of a public function. The argument itself is given back, not a copy.
 *
 * Errors: `OPTION_INVALID` with the argument's name, what it must be and of what kind it was (never the value of a
 * text or of data).
 *
 * @param where the function's name, as a caller writes it
 * @example checkArgument(scalesSchema, scales, 'weightScale', 'scales');
 */
export function checkArgument<T>(schema: z.ZodType, value: T, where: string, name: string): T {
  const result = schema.safeParse(value);
  if (result.success) return value;
  const issue = describeIssue(result.error, value);
  const full = issue.name === '' ? name : `${name}.${issue.name}`;
  throw new PotError('OPTION_INVALID', `${where}: ${full} ${issue.must}, not ${shown(issue.value)}`, {
    details: { where, option: full },
  });
}

/** Numbers in a row: a typed array or an array. */
export const numbersSchema = z.custom<ArrayLike<number>>(
  (v) =>
    (Array.isArray(v) && v.every((n) => typeof n === 'number')) ||
    (ArrayBuffer.isView(v) && typeof (v as unknown as ArrayLike<unknown>)[0] !== 'bigint' && 'length' in v),
  'must be an array of numbers',
);
/** Integers of weights. */
export const integersSchema = z.custom<BigInt64Array>(
  (v) => v instanceof BigInt64Array,
  'must be a BigInt64Array',
);
/** A bigint from 0. */
export const naturalSchema = z.custom<bigint>(
  (v) => typeof v === 'bigint' && v >= 0n,
  'must be a bigint from 0',
);
/** A text that is not empty. */
export const textSchema = z.custom<string>(
  (v) => typeof v === 'string' && v !== '',
  'must be a text that is not empty',
);
/** A text, or its bytes. */
export const sourceSchema = z.custom<string | Uint8Array>(
  (v) => typeof v === 'string' || v instanceof Uint8Array,
  'must be a text or a Uint8Array',
);
