import { PotError, shown } from '@proof-of-training/halo2-wasm';

/** An update rule as a training script has it: tf.train.sgd, tf.train.momentum, or torch.optim.AdamW (tf.train.adam without decay). */
export interface Hyperparameters {
  type: 'sgd' | 'momentum' | 'adamw';
  learningRate: number;
  /** `M = momentum M + G`, for `momentum`; default 0.9. Without dampening, not Nesterov's. */
  momentum?: number;
  /** For `adamw`; default 0.9. */
  beta1?: number;
  /** For `adamw`; default 0.999. */
  beta2?: number;
  /**
   * For `adamw`; one that is given is kept. Default: 1e-8, or the root of the largest squared gradient that the second moment
   * rounds away, where that is more (docs/operators/optimizers.md, "Small gradients"): below it the moment stays 0, and a
   * smaller epsilon would let weights with tiny gradients move several times the learning rate a step.
   *
   * Kingma and Ba's "epsilon hat", beside the root of the moment without its bias correction: in step t as large as
   * an epsilon of `epsilon / sqrt(1 - beta2^t)` in PyTorch.
   */
  epsilon?: number;
  /**
   * Decoupled: each step takes learningRate x weightDecay of every weight away, whatever its gradient and moments. Default 0
   * (torch.optim.AdamW's own is 0.01).
   */
  weightDecay?: number;
}

/** The values of a rule, those that it has. */
export interface RuleValues {
  momentum?: number;
  /** RMSProp's. */
  rho?: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  weightDecay: number;
}

const EXAMPLE = "For example { type: 'adamw', learningRate: 0.001 }.";

const DEFAULTS = {
  sgd: { weightDecay: 0 },
  momentum: { momentum: 0.9, weightDecay: 0 },
  adamw: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
} as const satisfies Record<Hyperparameters['type'], RuleValues>;

/** Hyperparameters with the defaults of their rule. Errors: `OPTIMIZER_INVALID`, `LEARNING_RATE_INVALID`. */
export function ruleValues(
  given: Hyperparameters,
): RuleValues & Pick<Hyperparameters, 'type' | 'learningRate'> {
  if (typeof given !== 'object' || given === null) {
    throw invalid(`an optimizer is an object of its values, not ${shown(given)}`, EXAMPLE);
  }
  const { type, learningRate, ...values } = given;
  if (typeof type !== 'string' || !Object.hasOwn(DEFAULTS, type)) {
    throw invalid(
      `there is no optimizer ${String(type).slice(0, 40)}`,
      "Choose 'sgd', 'momentum' or 'adamw'.",
    );
  }
  const defaults: RuleValues = DEFAULTS[type];
  const merged: RuleValues = { ...defaults };
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(defaults, name)) {
      throw invalid(`${type} has no ${name}`, `${type} has ${Object.keys(defaults).join(', ')}.`);
    }
    merged[name as keyof RuleValues] = value;
  }
  if (typeof learningRate !== 'number' || !(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
    throw new PotError(
      'LEARNING_RATE_INVALID',
      `a learning rate must be positive and finite, not ${shown(learningRate)}`,
    );
  }
  for (const [name, value] of Object.entries(merged)) checkValue(name, value);
  return { type, learningRate, ...merged };
}

function checkValue(name: string, value: unknown): void {
  const isFactor = name !== 'epsilon' && name !== 'weightDecay';
  const good = typeof value === 'number' && Number.isFinite(value) && value >= 0 && (!isFactor || value < 1);
  if (good) return;
  throw invalid(`${name} must be a number from 0${isFactor ? ' to below 1' : ''}, not ${shown(value)}`);
}

function invalid(message: string, hint?: string): PotError {
  return new PotError('OPTIMIZER_INVALID', message, hint === undefined ? {} : { hint });
}
