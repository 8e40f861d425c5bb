import { PotError } from '@proof-of-training/halo2-wasm';
import { type SgdSpec, weightScale } from '@proof-of-training/sgd-circuit';
import { toleranceOf } from './tolerance.js';

/** Fractional bits of a circuit's numbers. */
export interface Precision {
  /** Of the weights that are trained. */
  weights: number;
  /** Of the frozen base, where there is one. */
  base: number;
  /** Of activations and inputs. */
  activations: number;
}

/** How far a proof may be from the step that it is about, and how coarse its numbers may be. */
export interface LimitOptions {
  /**
   * The largest tolerance that is accepted, in weight units (1 is a weight of 1.0); default {@link MAX_TOLERANCE}. Proofs of exact
   * steps have none.
   */
  maxTolerance?: number;
  /** The fewest fractional bits that are accepted; what is left out is as in {@link MIN_PRECISION}. */
  minPrecision?: Partial<Precision>;
}

/** 2^-9: that of the coarsest format that `autoProveTrainingStep` chooses by itself. */
export const MAX_TOLERANCE = 2 ** -9;

/**
 * Below all formats that the library chooses by itself (weights 36, base 20, activations 7), and not below what makes a network
 * another one: weights as fine as a float32 of size 1, a base as fine as a 12-bit one.
 */
export const MIN_PRECISION: Readonly<Precision> = Object.freeze({ weights: 24, base: 12, activations: 7 });

/** Of layer-local proofs, whose inputs are taken as given and may be as large as 128. */
const LOCAL_ACTIVATIONS = 4;

type Numbers = Pick<SgdSpec, 'mode' | 'scales' | 'lora' | 'toleranceLimbs'>;

/** The public bound on each weight's deviation: its bits, at the weights' scale, and in weight units. `undefined` in exact mode. */
export function toleranceOfSpec({ mode, scales, toleranceLimbs: limbs }: Numbers) {
  if (mode === 'exact') return undefined;
  return { bits: scales.b * limbs - 1, value: toleranceOf({ scales, limbs }) };
}

/** Fractional bits as a specification has them; `base` only where there is one. */
export function precisionOf({ scales, lora }: Pick<Numbers, 'scales' | 'lora'>): Omit<Precision, 'base'> & {
  base?: number;
} {
  return {
    weights: weightScale(scales),
    activations: scales.a,
    ...(lora && !lora.local && { base: lora.baseBits }),
  };
}

/**
 * Refuses a tolerance or a precision that makes a proof say too little.
 *
 * Errors: `TOLERANCE_TOO_LARGE`, `PRECISION_TOO_LOW`, both with the values.
 *
 * @example
 * checkLimits(bundle.run.spec, { minPrecision: { activations: 10 } });
 */
export function checkLimits(spec: Numbers, options: LimitOptions = {}): string {
  const tolerance = toleranceOfSpec(spec);
  const { maxTolerance = MAX_TOLERANCE } = options;
  if (tolerance && tolerance.value > maxTolerance) {
    throw new PotError(
      'TOLERANCE_TOO_LARGE',
      `each weight may be ${shown(tolerance.value)} away from the step's result; up to ${shown(maxTolerance)} is accepted`,
      {
        details: { tolerance: tolerance.value, bits: tolerance.bits, maxTolerance },
        hint: 'Ask for a proof in a finer format, or accept it knowingly with maxTolerance (--max-tolerance).',
      },
    );
  }
  checkPrecision(spec, options);
  if (tolerance) return `tolerance ${shown(tolerance.value)} a weight; ${bitsText(spec)}`;
  return `exact; ${bitsText(spec)}`;
}

/**
 * Errors: `PRECISION_TOO_LOW`.
 *
 * @example
 * checkPrecision(bundle.run.spec); // throws PRECISION_TOO_LOW for too few fractional bits
 */
export function checkPrecision(
  spec: Pick<Numbers, 'scales' | 'lora'>,
  { minPrecision = {} }: LimitOptions = {},
): void {
  const local = spec.lora?.local ? { activations: LOCAL_ACTIVATIONS } : {};
  requirePrecision(precisionOf(spec), { ...local, ...minPrecision });
}

/** Refuses numbers with fewer fractional bits than are wanted. Errors: `PRECISION_TOO_LOW`. */
export function requirePrecision(found: Partial<Precision>, wanted: Partial<Precision> = {}): void {
  const least: Precision = { ...MIN_PRECISION, ...wanted };
  for (const name of ['weights', 'base', 'activations'] as const) {
    const bits = found[name];
    if (bits === undefined || bits >= least[name]) continue;
    throw new PotError(
      'PRECISION_TOO_LOW',
      `${name} have ${bits} fractional bits; at least ${least[name]} are wanted`,
      {
        details: { name, bits, least: least[name] },
        hint: 'Accept it knowingly with minPrecision (--min-weight-bits, --min-base-bits, --min-activation-bits).',
      },
    );
  }
}

/** Fractional bits in words. */
export function bitsText(spec: Pick<Numbers, 'scales' | 'lora'>): string {
  const { weights, activations, base } = precisionOf(spec);
  const over = base === undefined ? '' : `, the frozen base's ${base}`;
  return `fractional bits of weights ${weights}, of activations ${activations}${over}`;
}

/** A size that people read: 0.00012. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}
