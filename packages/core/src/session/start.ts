import { PotError } from '@proof-of-training/halo2-wasm';
import type { SeedStart, Start } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import type { Tf } from '../record/tfjs.js';
import { adaptersLookFresh, looksFresh } from '../start/fresh.js';
import { readInitializers } from '../start/readInitializers.js';
import type { Architecture } from './architecture.js';

/** What a person is told where a new model's weights are not the first ones. */
export const REPLACED_WARNING =
  "What is trained is new: its random first weights are replaced by those of the run's public seed, so that a verifier makes them again. To train from the model's own: start: 'given'.";

/**
 * Where a run's first weights come from: as asked for; by default from the public seed where the model is new for
 * sure, and otherwise from the model.
 *
 * @param warn told where a default replaces the model's weights
 *
 * Errors: `START_SEED` where a seed is asked for and the model's initialisers are not known.
 */
export function chooseStart(
  tf: Tf,
  model: LayersModel,
  { layers, weights, adapters }: Pick<Architecture, 'layers' | 'weights' | 'adapters'>,
  wanted: 'auto' | 'seed' | 'given',
  warn: (message: string) => void,
): Start {
  if (wanted === 'given') return { kind: 'given' };
  const found = readInitializers(tf, model);
  if ('reason' in found) {
    if (wanted === 'auto') return { kind: 'given' };
    throw new PotError('START_SEED', `first weights cannot come from the public seed: ${found.reason}`, {
      hint: "start: 'given' begins with the model's own weights; of the initialisers, those of TensorFlow.js are known but identity and orthogonal; of adapters, those that applyLora has just made.",
    });
  }
  if (wanted === 'seed') return found.start;
  const own = weights.map((w, l) => ({ ...w, inputs: layers[l]!.inputs, outputs: layers[l]!.outputs }));
  const fresh = adapters ? adaptersLookFresh(found.start, adapters) : looksFresh(found.start, own);
  if (!fresh || found.seeded || trained(model)) return { kind: 'given' };
  if (random(found.start)) warn(REPLACED_WARNING);
  return found.start;
}

/** Whether the model's optimiser has taken a step. */
function trained({ optimizer }: LayersModel): boolean {
  return ((optimizer as { iterations?: number } | undefined)?.iterations ?? 0) > 0;
}

/** Constants alone are the same from either. */
function random({ layers }: SeedStart): boolean {
  return layers.some((own) => {
    if (!own) return false;
    const tensors = 'A' in own ? [own.A] : [own.kernel, own.bias];
    return tensors.some((tensor) => tensor && tensor.kind !== 'constant');
  });
}
