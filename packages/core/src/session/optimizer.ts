import { PotError } from '@proof-of-training/halo2-wasm';
import type { Hyperparameters, OptimizerDeviation } from '@proof-of-training/lora-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { readLearningRate, readOptimizer, requirePlainSgd } from '../record/index.js';
import type { Tf } from '../record/tfjs.js';

/** How a session trains: a rule, and what of it differs from the defaults. */
export type OptimizerOptions = Omit<Hyperparameters, 'learningRate'> & {
  /** Default: the option `learningRate`, or the model's optimiser's. */
  learningRate?: number;
};

/**
 * The rule and the hyperparameters of a session: as asked for, else as the model's optimiser has them.
 *
 * @param adapters whether the model has adapters; without them, plain SGD is all that there is
 *
 * Errors: `MODEL_NOT_COMPILED`, `UNSUPPORTED_OPTIMIZER`, `OPTION_INVALID` for two different learning rates.
 */
export function chooseOptimizer(
  model: LayersModel,
  adapters: boolean,
  { optimizer, learningRate }: { optimizer?: OptimizerOptions; learningRate?: number },
): Hyperparameters {
  const own = optimizer?.learningRate;
  if (own !== undefined && learningRate !== undefined && own !== learningRate) {
    throw new PotError('OPTION_INVALID', `two learning rates are asked for: ${own} and ${learningRate}`, {
      hint: 'Give learningRate or optimizer.learningRate, not both.',
    });
  }
  const rate = own ?? learningRate;
  const chosen: Hyperparameters = optimizer
    ? { ...optimizer, learningRate: rate ?? (readLearningRate(model) as number) }
    : { ...readOptimizer(model), ...(rate !== undefined && { learningRate: rate }) };
  if (!adapters) requirePlainSgd(chosen);
  return chosen;
}

/** A float optimiser for a model that a run describes. It knows nothing of the run's state, and TensorFlow.js has no weight decay. */
export function tfOptimizer(
  tf: Tf,
  { type, learningRate, momentum, beta1, beta2, epsilon }: Hyperparameters,
) {
  if (type === 'momentum') return tf.train.momentum(learningRate, momentum!);
  if (type === 'adamw') return tf.train.adam(learningRate, beta1, beta2, epsilon);
  return tf.train.sgd(learningRate);
}

/** One line for a person about a value that the integers do not meet. */
export function deviationWarning({ name, requested, effective }: OptimizerDeviation): string {
  return `${name} = ${requested} becomes ${effective} in this number format.`;
}
