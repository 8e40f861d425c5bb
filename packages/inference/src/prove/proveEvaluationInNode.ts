import type { OnDisk } from '@proof-of-training/verifier/node';
import { onDisk } from '../onDisk.js';
import * as anywhere from './proveEvaluation.js';

export interface ProveEvaluationOptions extends anywhere.ProveEvaluationOptions, OnDisk {}

/**
 * Proves how often a model is right on a test set, with SRSs on disk: see `proveEvaluation` of the entry that works everywhere.
 *
 * @example
 * import { fileUses, proveEvaluation } from '@proof-of-training/inference/node';
 *
 * const opening = JSON.parse(await readFile('runs/opening.json', 'utf8'));
 * const uses = fileUses('runs/opening.json.uses');
 * const { proof, right, samples } = await proveEvaluation({ opening, inputs, labels: [0, 2, 1], uses });
 */
export async function proveEvaluation(
  options: ProveEvaluationOptions,
): Promise<anywhere.ProvenEvaluationFile> {
  return anywhere.proveEvaluation(onDisk('proveEvaluation', anywhere.evaluationShape, options));
}
