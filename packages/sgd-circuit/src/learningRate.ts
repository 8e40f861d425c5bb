import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { adamRateBits, dividesByGradients, gcd, rateUnit } from './adamRate.js';
import { checkArgument, naturalSchema } from './check.js';
import { LIMITS } from './limits.js';
import { labelsOf } from './losses.js';
import { type Adapter, adapterSchema, outputWidth, rateNumbersSchema, type SpecNumbers } from './spec.js';

/** eta lies in `1 .. MAX_ETA - 1`, but for Adam's. */
export const MAX_ETA = LIMITS.maxEta;
/** Adam's eta lies in `1 .. MAX_ADAM_ETA - 1`. */
export const MAX_ADAM_ETA = LIMITS.maxAdamEta;
/** Largest relative difference between the rate asked for and the one that is used. */
export const MAX_RATE_ERROR = 0.01;

/** A learning rate as the circuit has it. */
export interface IntegerRate {
  /** `round(2^e lr_eff)`, for Adam `round(2^(a+d) lr)`; a public input of every proof. */
  eta: bigint;
  /** The rate that eta stands for: what training really uses. */
  effective: number;
}

/** What of a specification decides which rates there are. */
export type RateNumbers = Pick<SpecNumbers, 'layers' | 'loss' | 'batch' | 'scales' | 'optimizer' | 'lora'>;

/**
 * How many times larger the circuit's gradient is than the loss's, and so how many times smaller lr_eff is than the
 * rate: the loss's reductions (docs/protocol/protocol.md). Layer-local there is no loss: the rate is what the sum of the given
 * gradients is multiplied with. Errors: `OPTION_INVALID`.
 *
 * @example
 * const factor = gradientFactor(spec);
 */
export function gradientFactor(spec: RateNumbers): number {
  checkArgument(rateNumbersSchema, spec, 'gradientFactor', 'spec');
  if (spec.lora?.local) return 1;
  if (labelsOf(spec.loss) === 'oneHot') return spec.batch;
  const entries = spec.batch * outputWidth(spec);
  return spec.loss === 'meanSquaredError' ? entries / 2 : entries;
}

/**
 * The integer rate of an adapter's B' = (alpha/rank) B: a step on B with rate lr is one on B' with rate
 * lr (alpha/rank)^2. Exact; undefined where it is no integer. Errors: `OPTION_INVALID`.
 *
 * @example
 * etaOfB({ rank: 8, alpha: 16 }, 100n);
 */
export function etaOfB(adapter: Adapter, eta: bigint): bigint | undefined {
  const { rank, alpha } = checkArgument(adapterSchema, adapter, 'etaOfB', 'adapter');
  checkArgument(naturalSchema, eta, 'etaOfB', 'eta');
  const [numerator, denominator] = [eta * BigInt(alpha) ** 2n, BigInt(rank) ** 2n];
  return numerator % denominator === 0n ? numerator / denominator : undefined;
}

/**
 * The etas that there are: multiples of `multiple` up to `largest`, for which the eta of every B' is in range too. For Adam,
 * those that the steps' rates tend to.
 */
export function etas(spec: RateNumbers): { multiple: number; largest: number } {
  if (dividesByGradients(spec)) {
    const unit = rateUnit(spec);
    return { multiple: unit, largest: MAX_ADAM_ETA - 1 - ((MAX_ADAM_ETA - 1) % unit) };
  }
  let multiple = 1;
  let largest = MAX_ETA - 1;
  for (const adapter of spec.lora?.adapters ?? []) {
    if (!adapter) continue;
    const { rank, alpha } = adapter;
    const divisor = (rank / gcd(rank, alpha)) ** 2;
    multiple *= divisor / gcd(multiple, divisor);
    largest = Math.min(largest, Math.floor(((MAX_ETA - 1) * rank ** 2) / alpha ** 2));
  }
  return { multiple, largest: largest - (largest % multiple) };
}

/** What one unit of eta is as a learning rate. */
function rateOfOne(spec: RateNumbers): number {
  // Adam's ratio does not change with the gradient's scale, so the loss's reductions do not matter to it.
  return dividesByGradients(spec)
    ? 2 ** -adamRateBits(spec.scales)
    : gradientFactor(spec) / 2 ** spec.scales.e;
}

/**
 * The integer learning rate nearest to `learningRate`; with adapters, nearest of those for which the rate of each
 * adapter's B' is an integer in range too. Adam rounds the rate of each step by itself, to a multiple of `rateUnit`, so
 * any eta will do that tends to such a multiple within the same 1 %.
 *
 * Errors: `LEARNING_RATE_INVALID` (not a positive finite number), `LEARNING_RATE_UNREPRESENTABLE` where the
 * nearest rate is more than 1 % away, its details have that nearest rate, or where there is no rate at all; `OPTION_INVALID`.
 *
 * @example
 * const { eta } = learningRateToEta(spec, 0.1);
 */
export function learningRateToEta(spec: RateNumbers, learningRate: number): IntegerRate {
  checkArgument(rateNumbersSchema, spec, 'learningRateToEta', 'spec');
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new PotError(
      'LEARNING_RATE_INVALID',
      `a learning rate must be positive and finite, not ${shown(learningRate)}`,
    );
  }
  const { multiple, largest } = etas(spec);
  if (largest < multiple) throw noRate(spec);
  const unit = rateOfOne(spec);
  const step = unit * multiple;
  const nearest = clamp(Math.round(learningRate / step) * multiple, multiple, largest);
  if (Math.abs(nearest * unit - learningRate) > MAX_RATE_ERROR * learningRate) {
    throw new PotError(
      'LEARNING_RATE_UNREPRESENTABLE',
      `the learning rate ${learningRate} is not representable: the nearest is ${nearest * unit}`,
      {
        details: { requested: learningRate, nearest: nearest * unit, step, largest: largest * unit },
        hint: `Use ${nearest * unit}, a multiple of ${step}, ${remedy(spec)}`,
      },
    );
  }
  const finest = BigInt(clamp(Math.round(learningRate / unit), 1, MAX_ADAM_ETA - 1));
  const eta = dividesByGradients(spec) && roundsClosely(spec, finest) ? finest : BigInt(nearest);
  return { eta, effective: Number(eta) * unit };
}

/**
 * Whether the steps' rates are what eta says, to 1 %: those of a rule that divides by gradients are rounded to multiples of
 * `rateUnit`, where they may become 0 or much more. Other rules take eta as it is. Errors: `OPTION_INVALID`,
 * `LEARNING_RATE_UNREPRESENTABLE` as of `rateUnit`.
 *
 * @example
 * roundsClosely(spec, learningRateToEta(spec, 0.1).eta); // true
 */
export function roundsClosely(spec: RateNumbers, eta: bigint): boolean {
  checkArgument(rateNumbersSchema, spec, 'roundsClosely', 'spec');
  checkArgument(naturalSchema, eta, 'roundsClosely', 'eta');
  if (!dividesByGradients(spec)) return true;
  const unit = BigInt(rateUnit(spec));
  const off = ((2n * eta + unit) / (2n * unit)) * unit - eta;
  return (off < 0n ? -off : off) * BigInt(Math.round(1 / MAX_RATE_ERROR)) <= eta;
}

const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v, low), high);

/** What else there is to do about a rate that is not representable. */
function remedy(spec: RateNumbers): string {
  const finest = ' With adapters, alpha a multiple of the rank gives the finest rates.';
  if (dividesByGradients(spec)) {
    return `or another profile: rates of Adam and RMSProp have a + d bits, and are below 2^(20 - a - d).${finest}`;
  }
  return `a smaller batch, or a profile with more bits (e).${spec.lora ? finest : ''}`;
}

function noRate({ lora }: RateNumbers): PotError {
  return new PotError(
    'LEARNING_RATE_UNREPRESENTABLE',
    'no learning rate is representable with these adapters: none gives every B an integer rate in range',
    {
      details: { adapters: lora?.adapters },
      hint: 'Choose alpha equal to the rank, or a small multiple of it, in every layer.',
    },
  );
}

/**
 * The learning rate that an eta stands for; Adam's without its bias correction. Errors: `OPTION_INVALID`.
 *
 * @example
 * etaToLearningRate(spec, learningRateToEta(spec, 0.1).eta);
 */
export function etaToLearningRate(spec: RateNumbers, eta: bigint): number {
  checkArgument(rateNumbersSchema, spec, 'etaToLearningRate', 'spec');
  checkArgument(naturalSchema, eta, 'etaToLearningRate', 'eta');
  return Number(eta) * rateOfOne(spec);
}
