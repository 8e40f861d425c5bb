import {
  checkArgument,
  checkOptions,
  tensorflow,
  model as tfModel,
} from '@proof-of-training/verifier/options';
import type { LayersModel } from '@tensorflow/tfjs';
import { requireCopy } from '../record/identity.js';
import { isLoraDense } from '../record/loraLayer.js';
import { loadTf } from '../record/tfjs.js';
import { rememberOrigin } from '../start/adapterStarts.js';
import { loraOptions } from './checks.js';
import { firstAdapter, initializerOf } from './init.js';
import { loraDenseClass } from './loraDense.js';
import { chooseLayers, type LoraOptions } from './options.js';
import { compileLike, denseConfig, frozenJson, rebuild } from './rebuild.js';

/**
 * A new model with the given one frozen in it and low-rank adapters to train: in each chosen dense layer the
 * kernel W becomes `W + (alpha/rank) B A`. Nothing else of the new model is trainable. It shares the tensors of the
 * given model, which stays as it is, keeps the layers' names, and is compiled as that one is, with an optimiser of
 * its own; compile it again for another. Regularisers and constraints of the frozen weights are left out.
 *
 * Saved models with adapters are read by `tf.loadLayersModel` after `registerLora()`.
 *
 * Errors: `LORA_LAYER_MISSING`, `LORA_LAYER_NOT_DENSE`, `LORA_NO_LAYERS`; `LORA_RANK` (not 1 to 64, or above a
 * layer's smaller width), `LORA_ALPHA` (not a whole number from 1 to 1024); `LORA_PRESENT` (it has adapters),
 * `LORA_MERGED`, `LORA_FOREIGN` (adapters of another library); `LORA_INIT`, `WEIGHTS_SHAPE`, `VALUE_NOT_FINITE` for
 * given first values; `TFJS_MISSING`, `TFJS_COPIES` (a model of another copy than `tf`).
 *
 * @example
 * const tuned = await applyLora(model, { rank: 8, alpha: 16 });
 * await tuned.fit(xs, ys);
 * const plain = await mergeLora(tuned);
 */
export async function applyLora(model: LayersModel, options: LoraOptions): Promise<LayersModel> {
  checkArgument(tfModel, model, 'applyLora', 'model');
  checkOptions(loraOptions, options, 'applyLora');
  const tf = options.tf ?? (await loadTf());
  requireCopy(model, tf);
  const { rank, alpha, init = 'kaiming', seed } = options;
  const targets = chooseLayers(model, options);
  const { className } = loraDenseClass(tf);
  // All first values before anything is built: a bad one is refused without a trace.
  const first = tf.tidy(() =>
    targets.map(({ layer, inputs, outputs }, n) => {
      const size = { name: layer.name, inputs, outputs, rank };
      return firstAdapter(tf, size, init, seed === undefined ? undefined : seed + n).map((t) => tf.keep(t));
    }),
  );
  try {
    const chosen = new Map(targets.map(({ layer }, n) => [layer.name, first[n]!]));
    const tuned = await rebuild(tf, model, (json, layer) =>
      chosen.has(layer.name)
        ? { class_name: className, config: { ...denseConfig(json), rank, alpha } }
        : frozenJson(json),
    );
    for (const layer of tuned.layers) {
      const base = model.layers.find((l) => l.name === layer.name)!;
      const adapter = chosen.get(layer.name);
      if (adapter && isLoraDense(layer)) {
        layer.setWeights([...adapter, ...base.getWeights()]);
        const inputs = adapter[0].shape[1]!;
        const initializer = initializerOf({ name: layer.name, inputs, outputs: layer.units, rank }, init);
        if (initializer) rememberOrigin(layer, { initializer, seeded: seed !== undefined });
      } else if (base.weights.length > 0) {
        layer.setWeights(base.getWeights());
        layer.trainable = false;
      }
    }
    compileLike(tuned, model);
    return tuned;
  } finally {
    tf.dispose(first);
  }
}

/**
 * Lets `tf.loadLayersModel` read saved models with adapters. Errors: `TFJS_MISSING`.
 *
 * @example
 * await registerLora();
 * const tuned = await tf.loadLayersModel('file://tuned/model.json');
 */
export async function registerLora(tf?: LoraOptions['tf']): Promise<void> {
  if (tf !== undefined) checkArgument(tensorflow, tf, 'registerLora', 'tf');
  loraDenseClass(tf ?? (await loadTf()));
}
