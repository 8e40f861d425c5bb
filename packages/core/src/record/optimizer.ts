import type { Hyperparameters } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { notCompiled } from './loss.js';
import { unsupported } from './unsupported.js';

const RULES = 'SGD (tf.train.sgd), momentum (tf.train.momentum) and Adam (tf.train.adam)';

/** TensorFlow.js's own, where none is asked for: then the number format has a default of its own (docs/operators/optimizers.md). */
const TF_EPSILON = 1e-7;

/** What an optimiser of TensorFlow.js says of itself, as far as it is read here. */
interface Config {
  learningRate?: number;
  momentum?: number;
  useNesterov?: boolean;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

/**
 * The rule and the hyperparameters of the model's optimiser. Adam is AdamW without weight decay, which
 * TensorFlow.js does not have; what it has accumulated plays no part. TensorFlow.js's default epsilon, 1e-7, counts as none.
 *
 * Errors: `MODEL_NOT_COMPILED`; `UNSUPPORTED_OPTIMIZER` for another one, and for Nesterov's momentum.
 */
export function readOptimizer(model: LayersModel): Hyperparameters {
  const { name, config } = optimizerOf(model);
  const learningRate = config.learningRate as number;
  if (name === 'SGD') return { type: 'sgd', learningRate };
  if (name === 'Momentum' && !config.useNesterov) {
    const { momentum } = config;
    return momentum ? { type: 'momentum', learningRate, momentum } : { type: 'sgd', learningRate };
  }
  if (name === 'Adam') {
    const { beta1, beta2, epsilon } = config as Required<Config>;
    return { type: 'adamw', learningRate, beta1, beta2, ...(epsilon !== TF_EPSILON && { epsilon }) };
  }
  throw unsupported(
    'OPTIMIZER',
    `optimizer ${name}${config.useNesterov ? " with Nesterov's momentum" : ''}`,
    RULES,
  );
}

/** The learning rate of the model's optimiser, whatever its rule; undefined where it has none. Errors: `MODEL_NOT_COMPILED`. */
export function readLearningRate(model: LayersModel): number | undefined {
  return optimizerOf(model).config.learningRate;
}

function optimizerOf({ optimizer }: LayersModel): { name: string; config: Config } {
  if (!optimizer) throw notCompiled('optimizer');
  return { name: optimizer.getClassName(), config: optimizer.getConfig() as Config };
}
