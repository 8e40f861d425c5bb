import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { describeIssue } from '@proof-of-training/sgd-circuit';
import type { z } from 'zod';
import { nearestName } from './nearest.js';

/** One schema for each option of `T`: an option without one, or one that `T` does not have, fails to compile. */
export type ShapeFor<T> = { [K in keyof Required<T>]: z.ZodType };

/** The parts of a schema of objects that are read here. */
type ObjectSchema = z.ZodObject<Record<string, z.ZodType>>;

/**
 * Checks the options of a public function before it does anything. The options themselves are given back, not a
 * copy: tensors, models and functions stay what they are. An option that is `undefined` counts as left out.
 *
 * @param where the function's name, as a caller writes it
 *
 * Errors: `OPTION_UNKNOWN` with the nearest known name; `OPTION_INVALID` with the option's name, what it must be and
 * of what kind the value was (never the value of a text or of data).
 *
 * @example checkOptions(fitOptions, options, 'session.fit');
 */
export function checkOptions<T>(schema: ObjectSchema, options: T, where: string): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new PotError('OPTION_INVALID', `${where} takes an object of options, not ${shown(options)}`, {
      details: { where },
      hint: `Options: ${Object.keys(schema.shape).join(', ') || 'none'}.`,
    });
  }
  refuseUnknown(schema, options, where);
  const result = schema.safeParse(options);
  if (result.success) return options;
  const { name, value, must } = describeIssue(result.error, options);
  const missing = value === undefined;
  throw new PotError(
    'OPTION_INVALID',
    missing
      ? `${where} needs the option ${name}`
      : `${where}: the option ${name} ${must}, not ${shown(value)}`,
    { details: { where, option: name }, ...(missing && { hint: `The option ${name} ${must}.` }) },
  );
}

function refuseUnknown(schema: ObjectSchema, options: object, where: string): void {
  const known = Object.keys(schema.shape);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    throw new PotError('OPTION_UNKNOWN', `${where} has no option ${JSON.stringify(key.slice(0, 60))}`, {
      details: { where, option: key.slice(0, 60), ...(nearest && { nearest }) },
      hint: nearest
        ? `Did you mean ${nearest}? Options: ${known.join(', ')}.`
        : `Options: ${known.join(', ') || 'none'}.`,
    });
  }
}
