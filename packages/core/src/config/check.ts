import { PotError } from '@proof-of-training/halo2-wasm';
import { firstIssue } from '@proof-of-training/sgd-circuit';
import { nearestName } from '@proof-of-training/verifier/options';
import { z } from 'zod';

/**
 * Checks a value against a schema of objects. `where` names the source in errors.
 *
 * Errors: `CONFIG_UNKNOWN_KEY`, with the nearest known name; `CONFIG_INVALID`, with the path of the first bad value.
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  refuseUnknown(schema, value, where, []);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, text } = firstIssue(result.error);
  throw new PotError('CONFIG_INVALID', `${where}, ${text}`, { details: { path } });
}

function refuseUnknown(schema: z.ZodType, value: unknown, where: string, path: string[]): void {
  const shape = shapeOf(schema);
  if (!shape || typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const known = shape[key];
    if (known) {
      refuseUnknown(known, inner, where, [...path, key]);
      continue;
    }
    const full = [...path, key].join('.');
    const nearest = nearestName(key, namesIn(schema, path));
    throw new PotError('CONFIG_UNKNOWN_KEY', `${where}: there is no setting ${full}`, {
      details: { key: full, ...(nearest && { nearest }) },
      hint: nearest ? `Did you mean ${nearest}?` : `Known here: ${Object.keys(shape).join(', ')}.`,
    });
  }
}

/** All names at and below a level, with their paths. */
function namesIn(schema: z.ZodType, path: string[]): string[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([key, inner]) => {
    const here = [...path, key];
    return [here.join('.'), ...namesIn(inner, here)];
  });
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  if (schema instanceof z.ZodOptional) return shapeOf(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : undefined;
}
