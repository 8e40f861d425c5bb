import { PotError } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { checkArgument } from '../check.js';
import { type IntegerRate, learningRateToEta, type RateNumbers } from '../learningRate.js';
import { type Optimizer, rateNumbersSchema, type SgdSpec } from '../spec.js';
import { type EffectiveHyperparameters, effectiveHyperparameters, epsilonUnit } from './effective.js';
import { decayInteger, deviation, epsilonInteger, factorInteger, leastDefaultEpsilon } from './integers.js';
import { type Hyperparameters, type RuleValues, ruleValues } from './options.js';
import { withOptimizer } from './place.js';

const targetSchema = rateNumbersSchema.extend({ mode: z.enum(['exact', 'tolerance']).optional() });

/** What of a specification decides on an optimiser's integers. */
export type OptimizerTarget = RateNumbers & Partial<Pick<SgdSpec, 'mode'>>;

/** A value that the integers meet by more than 1 % less or more than asked for. */
export interface OptimizerDeviation {
  name: keyof RuleValues;
  /** What was asked for, or what it is by default: 1e-8 for epsilon. */
  requested: number;
  effective: number;
  /** Of epsilon and the weight decay as they are; of a factor, of its distance from 1: how long it remembers. */
  relative: number;
}

/** An update rule as the circuit has it. */
export interface OptimizerNumbers {
  /** For {@link withOptimizer}; undefined for plain SGD, which is what a specification without it means. */
  optimizer: Optimizer | undefined;
  /** The integer rate, and the float one that it stands for. */
  rate: IntegerRate;
  /** The values that training really uses: what a float optimiser must be given to do the same. */
  effective: EffectiveHyperparameters;
  /** What differs from the values asked for by more than 1 %. */
  deviations: OptimizerDeviation[];
}

/**
 * The integers of an update rule (docs/operators/optimizers.md), for a specification's number format, loss and adapters; an optimiser that
 * is in the specification already plays no part.
 *
 * Factors have b fractional bits: with 9 of them (`compact`) beta2 = 0.999 becomes 511/512, with 12 it is 4092/4096. Adam's epsilon
 * is a multiple of `2^-max(24, a + d)` over the number of samples, at least one: values below become that. Without an epsilon it
 * is 1e-8, but at least the gradient that v no longer rounds away ({@link Hyperparameters.epsilon}): some 23 such units.
 *
 * Errors: `OPTIMIZER_INVALID` (a value out of range, or one that the rule does not have), `OPTIMIZER_UNREPRESENTABLE` (a value
 * that this number format does not have; details: the nearest that it has), `OPTIMIZER_MODE`;
 * `LEARNING_RATE_INVALID`, `LEARNING_RATE_UNREPRESENTABLE`; `OPTION_INVALID`.
 *
 * ```js
 * const { optimizer, rate, deviations } = optimizerNumbers(spec, { type: 'adamw', learningRate: 1e-3, weightDecay: 0.01 });
 * const trained = withOptimizer(spec, optimizer);
 * ```
 *
 * @example
 * const numbers = optimizerNumbers(spec, hyperparameters);
 */
export function optimizerNumbers(spec: OptimizerTarget, hyperparameters: Hyperparameters): OptimizerNumbers {
  checkArgument(targetSchema, spec, 'optimizerNumbers', 'spec');
  const { type, learningRate, ...asked } = ruleValues(hyperparameters);
  const { b } = spec.scales;
  const unit = epsilonUnit(spec);
  const factor = (name: FactorName) =>
    asked[name] === undefined ? undefined : factorInteger(name, asked[name], b);
  const beta2 = factor('beta2');
  // Where it is not asked for: a tiny gradient that v rounds away, divided by less, would be a step of many times the rate.
  const least =
    hyperparameters.epsilon === undefined && beta2 !== undefined ? leastDefaultEpsilon(beta2, b) : 1;
  const integers = {
    momentum: factor('momentum'),
    beta1: factor('beta1'),
    beta2,
    epsilon: asked.epsilon === undefined ? undefined : Math.max(least, epsilonInteger(asked.epsilon, unit)),
    decay: decayInteger(b, learningRate, asked.weightDecay),
  };
  const optimizer = assemble(type, integers);
  if (optimizer) checkTarget(spec);
  const target = withOptimizer(spec, optimizer);
  const rate = learningRateToEta(target, learningRate);
  const effective = effectiveHyperparameters(target, rate.eta);
  return { optimizer, rate, effective, deviations: deviationsOf(asked, effective) };
}

const FACTORS = ['momentum', 'beta1', 'beta2'] as const;
type FactorName = (typeof FACTORS)[number];

/** A rule's integers; those that it does not have are undefined. */
type Integers = Record<FactorName | 'epsilon', number | undefined> & { decay: number };

function assemble(
  type: Hyperparameters['type'],
  { momentum, beta1, beta2, epsilon, decay }: Integers,
): Optimizer | undefined {
  if (type === 'momentum') return { rule: 'momentum', momentum: momentum!, decay };
  if (type === 'adamw') return { rule: 'adam', beta1: beta1!, beta2: beta2!, epsilon: epsilon!, decay };
  return decay > 0 ? { rule: 'sgd', decay } : undefined;
}

function checkTarget({ mode }: OptimizerTarget): void {
  if (mode === 'tolerance') {
    throw new PotError('OPTIMIZER_MODE', 'momentum, AdamW and weight decay are proven in exact mode only', {
      hint: "Choose mode 'exact'.",
    });
  }
}

function deviationsOf(asked: RuleValues, effective: RuleValues): OptimizerDeviation[] {
  const found: OptimizerDeviation[] = [];
  for (const name of [...FACTORS, 'epsilon', 'weightDecay'] as const) {
    const [requested, got] = [asked[name], effective[name]];
    if (requested === undefined || got === undefined) continue;
    const relative = deviation(name, requested, got);
    if (relative > 0.01) found.push({ name, requested, effective: got, relative });
  }
  return found;
}
