import type { OnDisk } from '@proof-of-training/verifier/node';
import { onDisk } from '../onDisk.js';
import { inferenceShape } from './checkOptions.js';
import type * as options from './options.js';
import * as anywhere from './proveInference.js';

export interface ProveInferenceOptions extends options.ProveInferenceOptions, OnDisk {}

/**
 * Proves that the model gives these outputs for these inputs, with SRSs on disk: see `proveInference` of the entry that works everywhere.
 *
 * @example
 * import { fileUses, proveInference } from '@proof-of-training/inference/node';
 *
 * const opening = JSON.parse(await readFile('runs/digits/opening.json', 'utf8'));
 * const uses = fileUses('runs/digits/opening.json.uses');
 * const { proof, outputs } = await proveInference({ opening, inputs, uses });
 */
export async function proveInference(options: ProveInferenceOptions): Promise<anywhere.ProvenOutputs> {
  return anywhere.proveInference(onDisk('proveInference', inferenceShape, options));
}
