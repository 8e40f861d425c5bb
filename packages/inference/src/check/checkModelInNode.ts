import type { OnDisk } from '@proof-of-training/verifier/node';
import { onDisk } from '../onDisk.js';
import * as anywhere from './checkModel.js';
import { findRuntime } from './findRuntime.js';
import * as options from './options.js';
import type { ModelCheck } from './report.js';

export interface CheckModelOptions extends options.CheckModelOptions, OnDisk {}

/**
 * Says before any key is made what a model's proofs take, with SRSs on disk, and with onnxruntime where it is installed: see `checkModel`
 * of the entry that works everywhere.
 *
 * @example
 * import { checkModel } from '@proof-of-training/inference/node';
 *
 * const { ok, problems } = await checkModel({ onnx: await readFile('model.onnx'), inputRange: [0, 1] });
 */
export async function checkModel(given: CheckModelOptions): Promise<ModelCheck> {
  const own = onDisk('checkModel', options.checkShape, given);
  if (own.onnxruntime || !own.inputs) return anywhere.checkModel(own);
  const onnxruntime = await findRuntime();
  return anywhere.checkModel({ ...own, ...(onnxruntime && { onnxruntime }) });
}
