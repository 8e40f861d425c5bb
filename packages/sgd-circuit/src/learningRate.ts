import { PotError } from 'halo2-wasm';
import { type Adapter, outputWidth, type SpecNumbers } from './spec.js';

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

/** What of a specification decides which rates there are. */
export type RateNumbers = Pick<SpecNumbers, 'layers' | 'loss' | 'batch' | 'scales' | 'lora'>;

/**
 * How many times smaller lr_eff is than the rate: the loss's reductions (docs/protocol.md). Layer-local there is
 * no loss: the rate is what the sum of the given gradients is multiplied with.
 */
function reduction(spec: RateNumbers): number {
  if (spec.lora?.local) return 1;
  return spec.loss === 'softmaxCrossEntropy' ? spec.batch : (spec.batch * outputWidth(spec)) / 2;
}

/**
 * The integer rate of an adapter's B' = (alpha/rank) B: a step on B with rate lr is one on B' with rate
 * lr (alpha/rank)^2. Exact; undefined where it is no integer.
 */
export function etaOfB({ rank, alpha }: Adapter, eta: bigint): bigint | undefined {
  const [numerator, denominator] = [eta * BigInt(alpha) ** 2n, BigInt(rank) ** 2n];
  return numerator % denominator === 0n ? numerator / denominator : undefined;
}

/** The etas that there are: multiples of `multiple` up to `largest`, for which the eta of every B' is in range too. */
function etas({ lora }: RateNumbers): { multiple: number; largest: number } {
  let multiple = 1;
  let largest = MAX_ETA - 1;
  for (const adapter of lora?.adapters ?? []) {
    if (!adapter) continue;
    const { rank, alpha } = adapter;
    const divisor = (rank / gcd(rank, alpha)) ** 2;
    multiple *= divisor / gcd(multiple, divisor);
    largest = Math.min(largest, Math.floor(((MAX_ETA - 1) * rank ** 2) / alpha ** 2));
  }
  return { multiple, largest: largest - (largest % multiple) };
}

function gcd(p: number, q: number): number {
  return q === 0 ? p : gcd(q, p % q);
}

/**
 * The integer learning rate nearest to `learningRate`; with adapters, nearest of those for which the rate of each
 * adapter's B' is an integer in range too.
 *
 * Errors: `LEARNING_RATE_INVALID` (not a positive finite number), `LEARNING_RATE_UNREPRESENTABLE` where the
 * nearest rate is more than 1 % away, its details have that nearest rate, or where there is no rate at all.
 */
export function learningRateToEta(spec: RateNumbers, learningRate: number): IntegerRate {
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new PotError(
      'LEARNING_RATE_INVALID',
      `a learning rate must be positive and finite, not ${learningRate}`,
    );
  }
  const { multiple, largest } = etas(spec);
  if (largest < multiple) throw noRate(spec);
  const unit = reduction(spec) / 2 ** spec.scales.e;
  const step = unit * multiple;
  const eta = Math.min(Math.max(Math.round(learningRate / step) * multiple, multiple), largest);
  const effective = eta * unit;
  if (Math.abs(effective - learningRate) > MAX_RATE_ERROR * learningRate) {
    throw new PotError(
      'LEARNING_RATE_UNREPRESENTABLE',
      `the learning rate ${learningRate} is not representable: the nearest is ${effective}`,
      {
        details: { requested: learningRate, nearest: effective, step, largest: largest * unit },
        hint: `Use ${effective}, a multiple of ${step}, a smaller batch, or a profile with more bits (e).${spec.lora ? ' With adapters, alpha a multiple of the rank gives the finest rates.' : ''}`,
      },
    );
  }
  return { eta: BigInt(eta), effective };
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

/** The learning rate that an eta stands for. */
export function etaToLearningRate(spec: RateNumbers, eta: bigint): number {
  return (Number(eta) * reduction(spec)) / 2 ** spec.scales.e;
}
