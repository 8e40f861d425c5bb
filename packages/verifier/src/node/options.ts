import { checkOptions } from '../options/checkOptions.js';
import { kinds } from '../options/index.js';
import { OPTIONS, reference, type VerifierFunction } from '../verify/options.js';
import { type OnDisk, withCache } from './cache.js';

const settings = { config: kinds.config.optional() };

/** Options of every verification in Node, as schemas. */
export const referenceShape = { ...reference, ...settings };

/**
 * Checks the options of a function of Node's entry, with those that only it has, and gives them as the function that works
 * everywhere takes them. Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`.
 */
export function nodeOptions<T extends object>(name: VerifierFunction, options: T & OnDisk) {
  checkOptions(OPTIONS[name].extend(settings), options, name);
  return withCache<T>(options);
}
