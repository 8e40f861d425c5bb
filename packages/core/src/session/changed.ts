import { PotError } from '@proof-of-training/halo2-wasm';
import { dequantiseAdapters } from '@proof-of-training/lora-circuit';
import { dequantiseWeights, type SgdSpec } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { recordModel } from '../record/index.js';
import { specLoss } from './model.js';

/**
 * Refuses to train on where the model's trained weights are not those that the session wrote: what somebody else
 * trained in between would be overwritten, and no proof would cover it.
 *
 * @param written the integers that the session wrote into the model last
 *
 * Errors: `MODEL_CHANGED`, with the first tensor that differs; those of `recordModel`.
 */
export async function requireUnchanged(
  model: LayersModel,
  spec: SgdSpec,
  written: BigInt64Array,
): Promise<void> {
  const { layers } = await recordModel(model, { loss: specLoss(spec) });
  if (spec.lora) {
    const own = dequantiseAdapters(spec, written);
    layers.forEach(({ name, adapter }, l) => {
      requireSame(`${name}/lora_a`, own[l]?.A, adapter?.A);
      requireSame(`${name}/lora_b`, own[l]?.B, adapter?.B);
    });
    return;
  }
  const own = dequantiseWeights(spec, written);
  layers.forEach(({ name, kernel, biases }, l) => {
    requireSame(`${name}/kernel`, own[l]?.kernel, kernel);
    requireSame(`${name}/bias`, own[l]?.bias, biases);
  });
}

function requireSame(tensor: string, own: ArrayLike<number> = [], found: ArrayLike<number> = []): void {
  let same = own.length === found.length;
  for (let i = 0; same && i < own.length; i++) same = own[i] === found[i];
  if (same) return;
  throw new PotError(
    'MODEL_CHANGED',
    `the model was changed since the session wrote its weights: ${tensor}`,
    {
      details: { tensor },
      hint: "session.writeBack() gives the model the session's weights again; to train on from the model's own, begin a new run.",
    },
  );
}
