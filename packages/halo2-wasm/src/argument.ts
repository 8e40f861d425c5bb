import { PotError } from '@proof-of-training/errors';

/**
 * What kind of value it is, for errors: numbers and booleans as they are, never a text or what is in an object.
 *
 * @example
 * shown(3); // '3'
 * shown('secret'); // 'a text'
 */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  return `a ${typeof value}`;
}

/**
 * Refuses an argument of a public function that is not what it must be; packages with schemas have `checkArgument`.
 *
 * Errors: `OPTION_INVALID` with the function, the argument and of what kind it was.
 *
 * @param must what it must be, as in "must be a folder's path"
 * @example requireArgument(typeof path === 'string', 'readSrs', 'path', "be a file's path", path);
 */
export function requireArgument(
  right: boolean,
  where: string,
  name: string,
  must: string,
  value: unknown,
): void {
  if (right) return;
  throw new PotError('OPTION_INVALID', `${where}: ${name} must ${must}, not ${shown(value)}`, {
    details: { where, option: name },
  });
}

/**
 * Refuses what is no `Halo2`, of whichever copy of this package. Errors: `OPTION_INVALID`.
 *
 * @example
 * requireHalo2(halo2, 'planSpec');
 */
export function requireHalo2(halo2: { srsInspect: unknown }, where: string): void {
  const right = typeof halo2 === 'object' && typeof halo2?.srsInspect === 'function';
  requireArgument(right, where, 'halo2', 'be what loadProver() gives', halo2);
}

/**
 * Refuses a size that WebAssembly would round; which sizes there are, the engine says. Errors: `OPTION_INVALID`.
 *
 * @example
 * requireK(12, 'developmentSrs');
 */
export function requireK(k: number, where: string): void {
  const right = Number.isInteger(k) && k >= 0 && k < 2 ** 32;
  requireArgument(right, where, 'k', 'be a whole number from 0: log2 of the rows', k);
}

/**
 * Refuses a count that WebAssembly would round; which counts there are, the engine says. Errors: `OPTION_INVALID`.
 *
 * @example
 * requireWhole(2, 'aggregation', 'places');
 */
export function requireWhole(count: number, where: string, name: string): void {
  const right = Number.isInteger(count) && count >= 0 && count < 2 ** 32;
  requireArgument(right, where, name, 'be a whole number from 0', count);
}

/**
 * Refuses what are no bytes. Errors: `OPTION_INVALID`.
 *
 * @example
 * requireBytes(new Uint8Array(32), 'commit', 'salt');
 */
export function requireBytes(bytes: Uint8Array, where: string, name: string): void {
  requireArgument(bytes instanceof Uint8Array, where, name, 'be a Uint8Array', bytes);
}

/**
 * Refuses what is no text, or an empty one. Errors: `OPTION_INVALID`.
 *
 * @example
 * requireText(JSON.stringify(spec), 'plan', 'specJson');
 */
export function requireText(text: string, where: string, name: string): void {
  requireArgument(typeof text === 'string' && text !== '', where, name, 'be a text that is not empty', text);
}
