import type { LayersModel } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { applyLora, type LoraOptions } from '../../src/lora/index.js';
import type { CreateOptions } from '../../src/session/options.js';
import { toyModel, toyOptions } from './toy.js';

/**
 * The toy network with adapters of rank 2 on the dense layers numbered `only` (default: both), B not zero, over the base
 * of `seed`.
 */
export async function loraToyModel(
  seed = 1,
  { only = [0, 1], ...options }: Partial<LoraOptions> & { only?: number[] } = {},
): Promise<LayersModel> {
  const base = toyModel(seed);
  const layers = only.map((l) => base.layers[l]!.name);
  const model = await applyLora(base, { rank: 2, alpha: 4, layers, seed: 3, ...options });
  for (const layer of model.layers) {
    const weights = layer.getWeights();
    if (weights.length < 4) continue;
    const b = tf.randomUniform(weights[1]!.shape, -0.2, 0.2, 'float32', 5);
    layer.setWeights([weights[0]!, b, ...weights.slice(2)]);
  }
  return model;
}

/** Options of a session that trains the toy network's adapters, in a new folder. */
export async function loraToyOptions(more: Partial<CreateOptions> = {}): Promise<CreateOptions> {
  return toyOptions({ model: await loraToyModel(), ...more });
}
