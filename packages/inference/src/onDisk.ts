import { cacheFor, type OnDisk, referenceShape } from '@proof-of-training/verifier/node';
import { checkOptions } from '@proof-of-training/verifier/options';
import { z } from 'zod';

/**
 * Options of a function of Node's entry, checked, as the function that works everywhere takes them: settings become the cache that they
 * describe. Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`.
 */
export function onDisk<T extends { cache?: unknown }>(
  where: string,
  shape: z.ZodRawShape,
  options: T & OnDisk,
) {
  const { config, ...rest } = checkOptions(
    z.object({ ...shape, config: referenceShape.config }),
    options,
    where,
  );
  return { ...rest, cache: rest.cache ?? cacheFor(config) };
}
