import { z } from 'zod';
import { checkOptions, type ShapeFor } from '../options/checkOptions.js';
import { kinds } from '../options/index.js';
import { OPTIONS, reference, type VerifierFunction } from '../verify/options.js';
import { type CacheSettings, type OnDisk, withCache } from './cache.js';

const cache = z.strictObject({
  memoryCacheSizeMb: kinds.notNegative.optional(),
  diskCacheSizeMb: kinds.notNegative.optional(),
  directory: kinds.text.optional(),
} satisfies ShapeFor<NonNullable<CacheSettings['cache']>>);

/** Sections of core's settings beside the cache's are let through: nothing here uses them. */
const settings = {
  config: z
    .strictObject({
      mode: kinds.elsewhere.optional(),
      circuit: kinds.elsewhere.optional(),
      prover: kinds.elsewhere.optional(),
      cache: cache.optional(),
    })
    .optional(),
};

/** Options of every verification in Node, as schemas. */
export const referenceShape = { ...reference, ...settings };

/**
 * Checks the options of a function of Node's entry, with those that only it has, and gives them as the function that works
 * everywhere takes them. Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`.
 *
 * @example
 * const options = nodeOptions('verifyTrainingRun', { config: { cache: { directory: '.pot-cache' } } });
 * options.cache; // where SRS files are kept
 */
export function nodeOptions<T extends object>(name: VerifierFunction, options: T & OnDisk) {
  checkOptions(OPTIONS[name].extend(settings), options, name);
  return withCache<T>(options);
}
