import { type InferenceReport, type OnDisk, verifyInference } from '@proof-of-training/verifier/node';
import { onDisk } from '../onDisk.js';
import type * as options from './forestOptions.js';
import { forestShape } from './forestOptions.js';
import * as proving from './proveForest.js';
import type { ProvenOutputs } from './proveInference.js';
import * as verifying from './verifyForest.js';

export interface ProveForestOptions extends options.ProveForestOptions, OnDisk {}

export interface VerifyForestOptions extends verifying.VerifyForestOptions, OnDisk {}

/**
 * Proves what a model of decision trees gives, with SRSs on disk: see `proveForest` of the entry that works everywhere.
 *
 * @example
 * import { proveForest, readOnnx } from '@proof-of-training/inference/node';
 *
 * const model = readOnnx(await readFile('forest.onnx'));
 * if (!model.forest) throw new Error('it has no trees');
 * const { proof } = await proveForest({ model: { ...model, forest: model.forest }, inputs });
 */
export async function proveForest(options: ProveForestOptions): Promise<ProvenOutputs> {
  return proving.proveForest(onDisk('proveForest', forestShape, options));
}

/**
 * Verifies a proof of a model of decision trees, with SRSs on disk: see `verifyForest` of the entry that works everywhere.
 *
 * @example
 * import { readOnnx, verifyForest } from '@proof-of-training/inference/node';
 *
 * const model = readOnnx(await readFile('forest.onnx'));
 * if (!model.forest) throw new Error('it has no trees');
 * const { ok } = await verifyForest(proof, { model: { ...model, forest: model.forest } });
 */
export async function verifyForest(
  source: string | Uint8Array | object,
  options: VerifyForestOptions,
): Promise<InferenceReport> {
  return verifyInference(source, verifying.expecting('verifyForest', source, options));
}
