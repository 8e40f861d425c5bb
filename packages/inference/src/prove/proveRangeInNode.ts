import type { TrainingProof } from '@proof-of-training/verifier/files';
import { cacheFor, type OnDisk, referenceShape } from '@proof-of-training/verifier/node';
import { checkOptions } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import * as anywhere from './proveRange.js';

export interface ProveRangeOptions extends anywhere.ProveRangeOptions, OnDisk {}

/**
 * Proves that a model's weights are in range, with SRSs on disk: see `proveRange` of the entry that works everywhere.
 *
 * @example
 * import { fileUses, proveRange } from '@proof-of-training/inference/node';
 *
 * const opening = JSON.parse(await readFile('opening.json', 'utf8'));
 * const genesis = await proveRange({ opening, uses: fileUses('opening.json.uses', 0) });
 */
export async function proveRange(options: ProveRangeOptions): Promise<TrainingProof> {
  const shape = { ...anywhere.rangeShape, config: referenceShape.config };
  const { config, ...rest } = checkOptions(z.object(shape), options, 'proveRange');
  return anywhere.proveRange({ ...rest, cache: rest.cache ?? cacheFor(config) });
}
