import { PotError, shown } from '@proof-of-training/halo2-wasm';

/** Deepest nesting: far more than anything of ours has, and what lies in itself is refused. */
const MAX_DEPTH = 64;

/**
 * JSON with keys in one fixed order, for hashing: two equal values give equal strings. Fields that are `undefined` count as
 * left out.
 *
 * Errors: `OPTION_INVALID` for what JSON does not have (functions, symbols, bigints, `undefined` by itself, NaN, infinity), and
 * for more than 64 levels.
 *
 * @example
 * canonicalJson({ b: 1, a: [2] }); // '{"a":[2],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw noJson(`lies more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) return `[${value.map((v) => write(v, depth + 1)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([p], [q]) => (p < q ? -1 : 1));
    return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${write(v, depth + 1)}`).join(',')}}`;
  }
  const plain = value === null || typeof value === 'string' || typeof value === 'boolean';
  if (!plain && !Number.isFinite(value)) throw noJson(`is ${shown(value)}`);
  return JSON.stringify(value);
}

function noJson(how: string): PotError {
  return new PotError('OPTION_INVALID', `canonicalJson: a value ${how}, which JSON does not have`);
}
