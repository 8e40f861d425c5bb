import { PotError } from '@proof-of-training/halo2-wasm';
import {
  type EffectiveHyperparameters,
  effectiveHyperparameters,
  etaToLearningRate,
  type Hyperparameters,
  type LearningRateSchedule,
  type OptimizerDeviation,
  type RateSchedule,
  type ScheduleNumbers,
  scheduleNumbers,
} from '@proof-of-training/sgd-circuit';
import { etaOfWindow, type Run } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import { readLearningRate, readOptimizer } from '../record/index.js';
import type { Tf } from '../record/tfjs.js';

/** How a session trains: a rule, and what of it differs from the defaults. */
export type OptimizerOptions = Omit<Hyperparameters, 'learningRate'> & {
  /** Default: the option `learningRate`, or the model's optimiser's. */
  learningRate?: number | LearningRateSchedule;
};

/** How a session trains, with its first rate, and how that goes where it does not stay. */
export interface ChosenOptimizer {
  rule: Hyperparameters;
  schedule?: RateSchedule;
}

/**
 * The rule and the hyperparameters of a session: as asked for, else as the model's optimiser has them.
 *
 * Errors: `MODEL_NOT_COMPILED`, `UNSUPPORTED_OPTIMIZER`, `LEARNING_RATE_INVALID`; `OPTION_INVALID` for two different learning rates.
 */
export function chooseOptimizer(
  model: LayersModel,
  { optimizer, learningRate }: { optimizer?: OptimizerOptions; learningRate?: number | LearningRateSchedule },
): ChosenOptimizer {
  const own = optimizer?.learningRate;
  if (own !== undefined && learningRate !== undefined && own !== learningRate) {
    throw new PotError('OPTION_INVALID', 'two learning rates are asked for', {
      hint: 'Give learningRate or optimizer.learningRate, not both.',
    });
  }
  const asked = own ?? learningRate;
  const { learningRate: rate, schedule }: Partial<ScheduleNumbers> =
    asked === undefined ? {} : scheduleNumbers(asked);
  const chosen = optimizer
    ? { ...optimizer, learningRate: rate ?? (readLearningRate(model) as number) }
    : { ...readOptimizer(model), ...(rate !== undefined && { learningRate: rate }) };
  return { rule: chosen, ...(schedule && { schedule }) };
}

/** An update rule in real numbers, without what TensorFlow.js does not have. */
export type FloatRule = Omit<EffectiveHyperparameters, 'weightDecay'>;

/** A float optimiser for a model that a run describes. It knows nothing of the run's state, and TensorFlow.js has no weight decay. */
export function tfOptimizer(tf: Tf, { type, learningRate, momentum, rho, beta1, beta2, epsilon }: FloatRule) {
  if (type === 'momentum') return tf.train.momentum(learningRate, momentum!);
  if (type === 'nesterov') return tf.train.momentum(learningRate, momentum!, true);
  if (type === 'rmsprop') return tf.train.rmsprop(learningRate, rho, momentum, epsilon);
  if (type === 'adamw') return tf.train.adam(learningRate, beta1, beta2, epsilon);
  return tf.train.sgd(learningRate);
}

/** The rule of a run, with the hyperparameters that are really used; of a schedule, the rate that it multiplies. */
export function ruleOf({ spec, eta }: Pick<Run, 'spec' | 'eta'>): EffectiveHyperparameters {
  return effectiveHyperparameters(spec, BigInt(eta));
}

/** The learning rate of a window's steps, as it is really used. */
export function rateOfWindow(run: Pick<Run, 'spec' | 'eta' | 'schedule'>, window: number): number {
  return etaToLearningRate(run.spec, BigInt(etaOfWindow(run, window)));
}

/** One line for a person about a value that the integers do not meet. */
export function deviationWarning({ name, requested, effective }: OptimizerDeviation): string {
  return `${name} = ${requested} becomes ${effective} in this number format.`;
}
