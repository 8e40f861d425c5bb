import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, integersSchema } from '../check.js';
import { type SgdSpec, weightCount } from '../spec.js';
import { type RulePart, updateRule } from './place.js';

/** What of a specification decides how many numbers a checkpoint has. */
export type CheckpointPart = Pick<SgdSpec, 'layers' | 'lora' | 'optimizer'>;

/**
 * Values of state that the optimiser keeps for each trained weight. Errors: `OPTION_INVALID`.
 *
 * @example
 * stateCount({}); // 0: plain SGD keeps nothing beside the weights
 */
export function stateCount(spec: RulePart): number {
  const rule = updateRule(spec);
  if (rule?.rule === 'rmsprop') return rule.momentum > 0 ? 2 : 1;
  return { sgd: 0, momentum: 1, nesterov: 1, adam: 2 }[rule?.rule ?? 'sgd'];
}

/**
 * Length of a checkpoint: the trained weights, then as many values of each state. Errors: `OPTION_INVALID`.
 *
 * @example
 * checkpointCount(spec) === weightCount(spec) * (1 + stateCount(spec));
 */
export function checkpointCount(spec: CheckpointPart): number {
  return weightCount(spec) * (1 + stateCount(spec));
}

/**
 * The checkpoint that a run begins with: the weights that are trained, then the state of its optimiser, which is zero. Without state, a
 * copy of the weights.
 *
 * Errors: `WEIGHTS_SHAPE`, `OPTION_INVALID`.
 *
 * @example
 * const checkpoint = initialCheckpoint(spec, quantiseWeights(spec, layers));
 */
export function initialCheckpoint(spec: CheckpointPart, weights: BigInt64Array): BigInt64Array {
  checkArgument(integersSchema, weights, 'initialCheckpoint', 'weights');
  const count = weightCount(spec);
  if (weights.length !== count) {
    throw new PotError('WEIGHTS_SHAPE', `${weights.length} weights where ${count} are trained`);
  }
  const checkpoint = new BigInt64Array(checkpointCount(spec));
  checkpoint.set(weights);
  return checkpoint;
}
