import type { FloatLoss, Hyperparameters, LayerWeights, RateSchedule } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { requireOwnOptimizer } from '../record/identity.js';
import { hasAdapters, type RecordedAdapter, type RecordedShape, recordModel } from '../record/index.js';
import type { L2 } from '../record/regularizers.js';
import { chooseOptimizer } from './optimizer.js';
import type { CreateOptions } from './options.js';

/** What training a model means, as far as a circuit is concerned. */
export interface Architecture {
  layers: RecordedShape[];
  loss: FloatLoss;
  /** L2 penalties, one entry a layer. */
  penalties: (L2 | undefined)[];
  /** The update rule, its learning rate and other hyperparameters, as asked for. */
  optimizer: Hyperparameters;
  /** How the rate goes from there; absent: it stays. */
  schedule?: RateSchedule;
  /** The first weights, one entry a dense layer; with adapters, the frozen base. */
  weights: LayerWeights[];
  /** The first adapters, one entry a dense layer, null where it has none; absent in a model without adapters. */
  adapters?: ((RecordedAdapter & { name: string }) | null)[];
}

/**
 * Reads a compiled model: dense layers in one chain, a loss, L2 penalties; plain SGD, momentum or AdamW.
 *
 * @param options what of a session's options goes before the model's own optimiser
 *
 * Errors: those of `recordModel` and `chooseOptimizer`; each names what was found and what is supported.
 */
export async function readArchitecture(
  model: LayersModel,
  options: Pick<CreateOptions, 'optimizer' | 'learningRate' | 'loss'> = {},
): Promise<Architecture> {
  const recorded = await recordModel(model, options.loss ? { loss: options.loss } : {});
  await requireOwnOptimizer(model);
  const { layers, loss } = recorded;
  const { rule, schedule } = chooseOptimizer(model, options);
  return {
    layers: layers.map(({ inputs, outputs, activation, bias }) => ({ inputs, outputs, activation, bias })),
    loss,
    penalties: layers.map((l) => l.l2),
    optimizer: rule,
    ...(schedule && { schedule }),
    weights: layers.map(({ name, kernel, biases }) => ({ name, kernel, ...(biases && { bias: biases }) })),
    ...(hasAdapters(recorded) && {
      adapters: layers.map(({ name, adapter }) => (adapter ? { name, ...adapter } : null)),
    }),
  };
}
