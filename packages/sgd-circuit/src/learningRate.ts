import { PotError } from 'halo2-wasm';
import { outputWidth, type SpecNumbers } from './spec.js';

/** eta lies in `1 .. MAX_ETA - 1`. */
export const MAX_ETA = 2 ** 17;
/** Largest relative difference between the rate asked for and the one that is used. */
export const MAX_RATE_ERROR = 0.01;

/** A learning rate as the circuit has it. */
export interface IntegerRate {
  /** `round(2^e lr_eff)`, a public input of every proof. */
  eta: bigint;
  /** The rate that eta stands for: what training really uses. */
  effective: number;
}

/** How many times smaller lr_eff is than the rate: the loss's reductions (docs/protocol.md). */
function reduction(spec: Pick<SpecNumbers, 'layers' | 'loss' | 'batch'>): number {
  return spec.loss === 'softmaxCrossEntropy' ? spec.batch : (spec.batch * outputWidth(spec)) / 2;
}

/**
 * The integer learning rate nearest to `learningRate`.
 *
 * Errors: `LEARNING_RATE_INVALID` (not a positive finite number), `LEARNING_RATE_UNREPRESENTABLE` where the
 * nearest rate is more than 1 % away; its details have that nearest rate.
 */
export function learningRateToEta(
  spec: Pick<SpecNumbers, 'layers' | 'loss' | 'batch' | 'scales'>,
  learningRate: number,
): IntegerRate {
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new PotError(
      'LEARNING_RATE_INVALID',
      `a learning rate must be positive and finite, not ${learningRate}`,
    );
  }
  const unit = reduction(spec) / 2 ** spec.scales.e;
  const eta = Math.min(Math.max(Math.round(learningRate / unit), 1), MAX_ETA - 1);
  const effective = eta * unit;
  if (Math.abs(effective - learningRate) > MAX_RATE_ERROR * learningRate) {
    throw new PotError(
      'LEARNING_RATE_UNREPRESENTABLE',
      `the learning rate ${learningRate} is not representable: the nearest is ${effective}`,
      {
        details: { requested: learningRate, nearest: effective, step: unit, largest: (MAX_ETA - 1) * unit },
        hint: `Use ${effective}, a multiple of ${unit}, a smaller batch, or a profile with more bits (e).`,
      },
    );
  }
  return { eta: BigInt(eta), effective };
}

/** The learning rate that an eta stands for. */
export function etaToLearningRate(
  spec: Pick<SpecNumbers, 'layers' | 'loss' | 'batch' | 'scales'>,
  eta: bigint,
): number {
  return (Number(eta) * reduction(spec)) / 2 ** spec.scales.e;
}
