import {
  dividesByGradients,
  etaOfB,
  type IntegerRate,
  learningRateToEta,
  type RateNumbers,
} from '@proof-of-training/sgd-circuit';

/** A learning rate as the circuit has it for adapters. */
export interface AdapterRate extends IntegerRate {
  /**
   * The integer rate of each layer's B' = (alpha/rank) B; null where the layer has no adapter, and with Adam, whose rates
   * are other ones in each step (docs/operators/optimizers.md).
   */
  etaB: (bigint | null)[];
}

/**
 * The integer learning rate nearest to `learningRate` of those for which the rate of every adapter's B',
 * `eta alpha^2 / rank^2`, is an integer from 1 to 2^17 - 1; with Adam, nearest of all.
 *
 * Errors: `LEARNING_RATE_INVALID`, `LEARNING_RATE_UNREPRESENTABLE` (details: the nearest rate, where there is one).
 *
 * @example
 * const rate = adapterRate(spec, 0.01);
 */
export function adapterRate(spec: RateNumbers, learningRate: number): AdapterRate {
  const rate = learningRateToEta(spec, learningRate);
  const etaB = (spec.lora?.adapters ?? []).map((adapter) =>
    adapter && !dividesByGradients(spec) ? (etaOfB(adapter, rate.eta) ?? null) : null,
  );
  return { ...rate, etaB };
}
