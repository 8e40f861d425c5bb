import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import type { Scales, UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { profiles, weightScale } from '@proof-of-training/sgd-circuit';
import { offsetFor } from '../../dataset/offsets.js';
import { largest, reach } from './gradients.js';
import { candidates } from './rates.js';
import type { Chain } from './updates.js';

/** A number format for layer-local proofs. */
export interface LoraFormat {
  name: string;
  scales: Scales;
  /** Of tolerance mode: `|W' - step(W)| < 2^(b limbs - 1)` at scale w, 2^-13 in all of these. */
  limbs: number;
}

/** In the order in which they are tried: finer gradients, then wider inputs. */
export const loraFormats: readonly LoraFormat[] = [
  /** Inputs below 8 in size, or from 0 to 16. */
  { name: 'default', scales: profiles.default, limbs: 2 },
  /** Gradients 64 times finer. */
  { name: 'fine', scales: { a: 8, d: 20, e: 20, b: 12, p: 12 }, limbs: 3 },
  /** Inputs below 32 in size. */
  { name: 'wide', scales: { a: 6, d: 22, e: 20, b: 12, p: 12 }, limbs: 3 },
  /** Inputs below 128 in size. */
  { name: 'widest', scales: { a: 4, d: 24, e: 20, b: 12, p: 12 }, limbs: 3 },
];

/** Bits that the largest gradient should have: with fewer, the next format is tried first. */
const ENOUGH_BITS = 12;

/** Rates and hyperparameters that a format does not have. */
const NOT_IN_THIS_FORMAT = ['LEARNING_RATE_UNREPRESENTABLE', 'OPTIMIZER_UNREPRESENTABLE'];

/** How a chain becomes integers. */
export interface ChainNumbers {
  format: LoraFormat;
  /** For windows of one step. */
  spec: UnplannedSpec;
  eta: bigint;
  /**
   * What each update's gradient is multiplied with before it is rounded; the rate is divided by it, `eta 2^-e = lr /
   * scale`. Gradients of a mean over a batch are small, and eta is a whole number: so both are used to the full, and the rate
   * is met exactly. By AdamW the epsilon is multiplied with it, and the rate stays.
   */
  gradientScales: number[];
  /** Of the largest rounded gradient. */
  gradientBits: number;
}

/**
 * Formats that can write a chain, best first.
 *
 * Errors: `VALUE_OUT_OF_RANGE` where none can; `LEARNING_RATE_UNREPRESENTABLE` for a rank and alpha without integer rates, or
 * a rate that AdamW has in none; `OPTIMIZER_*`.
 */
export function numbersFor(chain: Chain, formats: readonly LoraFormat[] = loraFormats): ChainNumbers[] {
  const found: ChainNumbers[] = [];
  let first: unknown;
  for (const format of formats) {
    try {
      const numbers = fits(chain, format) ? inFormat(chain, format) : undefined;
      if (numbers) found.push(numbers);
    } catch (e) {
      if (!NOT_IN_THIS_FORMAT.some((code) => isPotError(e, code))) throw e;
      first ??= e;
    }
  }
  if (found.length === 0) {
    if (first) throw first;
    throw new PotError(
      'VALUE_OUT_OF_RANGE',
      `${chain.name}: no number format holds these inputs and gradients`,
      {
        hint: 'Inputs must be below 128 in size; gradients and rates must not differ by more than about 2^20.',
      },
    );
  }
  const enough = (n: ChainNumbers) => n.gradientBits >= ENOUGH_BITS;
  const fine = found.filter(enough);
  const rest = found.filter((n) => !enough(n)).sort((p, q) => q.gradientBits - p.gradientBits);
  return [...fine, ...rest];
}

/** Gradients as integers at scale d, `[samples][outputs]`. */
export function quantiseGradient(gradient: ArrayLike<number>, scale: number, { d }: Scales): Int32Array {
  return Int32Array.from(gradient, (g) => Math.round(g * scale * 2 ** d));
}

function fits({ updates }: Chain, { scales }: LoraFormat): boolean {
  const offset = offsetOf(updates, scales);
  const [low, high] = [-offset / 2 ** scales.a, (2 ** scales.b - 1 - offset) / 2 ** scales.a];
  return updates.every(({ x }) => Array.prototype.every.call(x, (v: number) => v >= low && v <= high));
}

/** One for all updates: it is part of the circuit. */
function offsetOf(updates: Chain['updates'], scales: Scales): number {
  return Math.max(...updates.map(({ x }) => offsetFor(x, scales)));
}

function inFormat(chain: Chain, format: LoraFormat): ChainNumbers | undefined {
  const { adapter, updates } = chain;
  const { scales } = format;
  const sizes = updates.map(({ gradient }) => largest(gradient, adapter));
  const sums = chain.rule ? updates.map((update) => reach(update, adapter)) : [];
  // The adapters grow during the chain: half of the range is left for that.
  const limit = 2 ** (2 * scales.b - 2);
  for (const { spec, eta, gradientScales, sumLimit } of candidates(chain, unplanned(chain, format))) {
    const scaled = (list: number[]) => Math.max(0, ...list.map((size, n) => size * gradientScales[n]!));
    const most = scaled(sizes) * 2 ** scales.d;
    if (most >= limit || scaled(sums) * 2 ** (scales.a + scales.d) >= sumLimit) continue;
    return { format, spec, eta, gradientScales, gradientBits: most > 0 ? Math.log2(most) : ENOUGH_BITS };
  }
  return undefined;
}

/** For plain SGD. */
function unplanned({ adapter, updates, inputs, outputs, samples, mode }: Chain, format: LoraFormat) {
  const { scales, limbs } = format;
  const { rank, alpha } = adapter;
  const spec: UnplannedSpec & { lora: object } = {
    kind: 'window',
    mode,
    layers: [{ inputs, outputs, activation: 'linear', bias: false }],
    loss: 'meanSquaredError',
    batch: samples,
    steps: 1,
    scales,
    xOffset: offsetOf(updates, scales),
    yOffset: 0,
    toleranceLimbs: mode === 'tolerance' ? limbs : 0,
    lora: { adapters: [{ rank, alpha }], baseBits: 0, local: true },
  };
  return spec;
}

/** The bound of tolerance mode as a real number. */
export function boundOf({ scales, limbs }: LoraFormat): number {
  return 2 ** (scales.b * limbs - 1 - weightScale(scales));
}
