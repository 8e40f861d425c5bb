import { type Halo2, isPotError } from '@proof-of-training/halo2-wasm';
import { dequantiseAdapters, initialCheckpoint, quantiseAdapters } from '@proof-of-training/lora-circuit';
import { quantiseInputs } from '@proof-of-training/sgd-circuit';
import { deviations, refuseDeviation, withinTolerance } from '../../step/deviation.js';
import { boundOf, type ChainNumbers, numbersFor, quantiseGradient } from './numbers.js';
import type { Chain } from './updates.js';

/** A chain as integers. */
export interface Steps {
  chain: Chain;
  numbers: ChainNumbers;
  /** Adapters before the first update and after each, scale w, flat order; behind them the optimiser's state. */
  checkpoints: BigInt64Array[];
  /** The layer's input and upstream gradient of each update. */
  x: Int32Array[];
  gradient: Int32Array[];
}

/** Codes of a format that cannot hold these numbers: the next one is tried. */
const FORMAT_TOO_NARROW = ['VALUE_RANGE', 'VALUE_OUT_OF_RANGE', 'STEP_EXCEEDS_TOLERANCE'];

/**
 * Takes a chain's updates in integers, in the first number format that holds them.
 *
 * Errors: those of `numbersFor`, of quantisation and of the executor; `STEP_EXCEEDS_TOLERANCE` in tolerance mode.
 */
export function takeSteps(halo2: Halo2, chain: Chain): Steps {
  let first: unknown;
  for (const numbers of numbersFor(chain)) {
    try {
      return inFormat(halo2, chain, numbers);
    } catch (e) {
      if (!FORMAT_TOO_NARROW.some((code) => isPotError(e, code))) throw e;
      first ??= e;
    }
  }
  throw first;
}

/** The float view of a checkpoint's adapters: what to write back into a framework. */
export function floatsOf(
  { numbers }: Steps,
  checkpoint: BigInt64Array,
): { A: Float32Array; B: Float32Array } {
  return dequantiseAdapters(numbers.spec, checkpoint)[0]!;
}

function inFormat(halo2: Halo2, chain: Chain, numbers: ChainNumbers): Steps {
  const { spec, eta, gradientScales, format } = numbers;
  const { name, updates, adapter } = chain;
  const x = updates.map((u) => quantiseInputs(spec, u.x, `${name}/x`));
  const gradient = updates.map((u, n) => quantiseGradient(u.gradient, gradientScales[n]!, spec.scales));
  const checkpoints = [initialCheckpoint(spec, quantiseAdapters(spec, [{ name, ...adapter }]))];
  const executor = halo2.executor(JSON.stringify(spec), checkpoints[0]!);
  try {
    updates.forEach(({ after }, n) => {
      executor.step(x[n]!, gradient[n]!, eta, BigInt(n));
      const integer = executor.weights();
      if (!after) {
        checkpoints.push(integer);
        return;
      }
      const framework = quantiseAdapters(spec, [{ name, ...after }]);
      const tolerance = boundOf(format);
      const before = checkpoints[n]!;
      const list = deviations(spec, [name], { before, after: framework, integer }, tolerance);
      if (!withinTolerance(list, tolerance)) refuseDeviation(list, tolerance);
      checkpoints.push(framework);
      executor.setWeights(framework);
    });
  } finally {
    executor.free();
  }
  return { chain, numbers, checkpoints, x, gradient };
}
