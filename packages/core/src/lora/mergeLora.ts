import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, checkOptions, model as tfModel } from '@proof-of-training/verifier/options';
import type { LayersModel } from '@tensorflow/tfjs';
import { requireCopy } from '../record/identity.js';
import { isLoraDense } from '../record/loraLayer.js';
import { loadTf } from '../record/tfjs.js';
import { mergeOptions } from './checks.js';
import { mergedKernel } from './loraDense.js';
import type { LoraOptions } from './options.js';
import { compileLike, denseConfig, rebuild } from './rebuild.js';

/**
 * A plain model that computes what the model with adapters does: kernels `W + (alpha/rank) B A`, all layers
 * trainable, compiled as the given one, which stays as it is.
 *
 * Errors: `LORA_MISSING` for a model without adapters, `TFJS_MISSING`, `TFJS_COPIES`.
 *
 * @example
 * const plain = await mergeLora(tuned);
 * await plain.save('file://merged');
 */
export async function mergeLora(
  model: LayersModel,
  options: Pick<LoraOptions, 'tf'> = {},
): Promise<LayersModel> {
  checkArgument(tfModel, model, 'mergeLora', 'model');
  checkOptions(mergeOptions, options, 'mergeLora');
  if (!model.layers.some(isLoraDense)) {
    throw new PotError('LORA_MISSING', 'the model has no adapters: there is nothing to merge', {
      hint: 'Adapters come from applyLora(model, { rank, alpha }).',
    });
  }
  const tf = options.tf ?? (await loadTf());
  requireCopy(model, tf);
  const plain = await rebuild(tf, model, (json, layer) =>
    isLoraDense(layer) ? { class_name: 'Dense', config: denseConfig(json) } : undefined,
  );
  tf.tidy(() => {
    for (const layer of plain.layers) {
      const source = model.layers.find((l) => l.name === layer.name)!;
      if (!isLoraDense(source)) layer.setWeights(source.getWeights());
      else layer.setWeights([mergedKernel(tf, source), ...(source.bias ? [source.bias.read()] : [])]);
      if (source.weights.length > 0) layer.trainable = true;
    }
  });
  compileLike(plain, model);
  return plain;
}
