import { etaToLearningRate, gradientFactor, type RateNumbers } from '../learningRate.js';
import type { Hyperparameters, RuleValues } from './options.js';
import { updateRule } from './place.js';

/** An update rule as a specification has it, in real numbers: what a float optimiser must be given to do the same. */
export interface EffectiveHyperparameters extends RuleValues {
  type: Hyperparameters['type'] | 'nesterov' | 'rmsprop';
  /** Adam's without its bias correction, which {@link RuleValues.beta1} and `beta2` give. */
  learningRate: number;
}

/**
 * The hyperparameters that a specification and its integer rate stand for; plain SGD without decay where it has no
 * optimiser. A function of public values alone: prover and verifier find the same numbers. Errors: `OPTION_INVALID`.
 *
 * @example
 * const used = effectiveHyperparameters(spec, eta);
 */
export function effectiveHyperparameters(spec: RateNumbers, eta: bigint): EffectiveHyperparameters {
  const learningRate = etaToLearningRate(spec, eta);
  const optimizer = updateRule(spec);
  if (!optimizer) return { type: 'sgd', learningRate, weightDecay: 0 };
  const { b } = spec.scales;
  const rest = { learningRate, weightDecay: optimizer.decay / 2 ** (2 * b) / learningRate };
  const real = (factor: number) => factor / 2 ** b;
  switch (optimizer.rule) {
    case 'sgd':
      return { type: 'sgd', ...rest };
    case 'momentum':
    case 'nesterov':
      return { type: optimizer.rule, ...rest, momentum: real(optimizer.momentum) };
    case 'rmsprop':
      return {
        type: 'rmsprop',
        ...rest,
        rho: real(optimizer.rho),
        ...(optimizer.momentum > 0 && { momentum: real(optimizer.momentum) }),
        epsilon: optimizer.epsilon * epsilonUnit(spec) ** 2,
      };
    case 'adam':
      return {
        type: 'adamw',
        ...rest,
        beta1: real(optimizer.beta1),
        beta2: real(optimizer.beta2),
        epsilon: optimizer.epsilon * epsilonUnit(spec),
      };
  }
}

/** One unit of Adam's epsilon, as an epsilon of the loss's own gradient. */
export function epsilonUnit(spec: RateNumbers): number {
  return 2 ** -Math.max(24, spec.scales.a + spec.scales.d) / gradientFactor(spec);
}
