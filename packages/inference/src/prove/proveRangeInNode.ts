import type { TrainingProof } from '@proof-of-training/verifier/files';
import type { OnDisk } from '@proof-of-training/verifier/node';
import { onDisk } from '../onDisk.js';
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
  return anywhere.proveRange(onDisk('proveRange', anywhere.rangeShape, options));
}
