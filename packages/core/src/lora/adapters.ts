import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, model as tfModel } from '@proof-of-training/verifier/options';
import type { LayersModel } from '@tensorflow/tfjs';
import { denseLayers } from '../record/layers.js';
import { isLoraDense } from '../record/loraLayer.js';
import { adapterTensors } from './init.js';
import type { Tf } from './loraDense.js';

/** One layer's adapter, copied out of the framework. */
export interface ModelAdapter {
  /** Of the layer. */
  name: string;
  inputs: number;
  outputs: number;
  rank: number;
  alpha: number;
  /** Whether it has been added to the kernel. */
  merged: boolean;
  /** `[rank][inputs]`, row by row. */
  A: Float32Array;
  /** `[outputs][rank]`, row by row. */
  B: Float32Array;
}

/**
 * The adapters of a model, in the order of its layers; empty where it has none.
 *
 * @example
 * const tuned = await applyLora(model, { rank: 8, alpha: 16 });
 * for (const { name, rank, A, B } of await loraOf(tuned)) console.log(name, rank, A.length, B.length);
 */
export async function loraOf(model: LayersModel): Promise<ModelAdapter[]> {
  checkArgument(tfModel, model, 'loraOf', 'model');
  const layers = model.layers.filter(isLoraDense);
  return Promise.all(
    layers.map(async ({ name, units, rank, alpha, merged, loraA, loraB }) => {
      const a = loraA!.read();
      const [A, B] = await Promise.all([a.data(), loraB!.read().data()]);
      return {
        name,
        inputs: a.shape[1]!,
        outputs: units,
        rank,
        alpha,
        merged,
        A: Float32Array.from(A),
        B: Float32Array.from(B),
      };
    }),
  );
}

/**
 * Writes adapters into a model, one entry a dense layer, null where the layer has none (as `dequantiseAdapters`
 * gives them).
 *
 * Errors: `WEIGHTS_SHAPE`, `VALUE_NOT_FINITE`; nothing is written then.
 */
export function writeAdapters(
  tf: Tf,
  model: LayersModel,
  adapters: readonly ({ A: ArrayLike<number>; B: ArrayLike<number> } | null)[],
): void {
  const chain = denseLayers(model);
  const fits =
    adapters.length === chain.length &&
    chain.every(({ adapter }, l) => (adapter !== undefined) === (adapters[l] !== null));
  if (!fits) {
    throw new PotError('WEIGHTS_SHAPE', 'these are not the adapters of this model', {
      hint: 'One entry a dense layer; null where the layer has no adapter.',
    });
  }
  tf.tidy(() => {
    const writes = chain.flatMap(({ name, source, shape: { inputs, outputs } }, l) => {
      if (!isLoraDense(source)) return [];
      const tensors = adapterTensors(tf, { name, inputs, outputs, rank: source.rank }, adapters[l]!);
      return [{ source, tensors }];
    });
    for (const { source, tensors } of writes) {
      source.loraA!.write(tensors[0]);
      source.loraB!.write(tensors[1]);
    }
  });
}
