import { PotError } from '@proof-of-training/errors';
import { requireArgument } from './argument.js';
import type { WasmExecutor } from './exports.js';
import { guarded } from './wasmError.js';

/** Loss and hits of one step, measured before its update. */
export interface StepResult {
  /** The loss as tfjs reduces it, computed in float from the integer outputs; for display, not proven. */
  loss: number;
  /** Samples whose largest output is the label's (classification). */
  correct: number;
}

/**
 * The integer SGD executor of docs/protocol/protocol.md: the arithmetic that the circuit proves.
 *
 * @example
 * const executor = halo2.executor(specJson, weights);
 * const { loss, correct } = executor.step(x, y, 37n); // one batch, at the rate 37 units
 * const after = executor.weights();
 * executor.free();
 */
export class Executor {
  constructor(
    private readonly inner: WasmExecutor,
    private readonly isOpen: () => boolean = () => true,
  ) {}

  /**
   * One SGD step in place. `x` `[batch][inputs]` at scale a, `y` `[batch][outputs]`. `number`: the step's, from 0, which
   * Adam's bias correction needs.
   *
   * Errors: `ETA_RANGE` for a rate beyond 64 bits; `STEP_NUMBER` where the number is needed and missing, or no number; a range error of the Rust executor (a value left the circuit's range; the weights are unchanged).
   */
  step(x: Int32Array, y: Int32Array, eta: bigint, number?: bigint): StepResult {
    requireArgument(typeof eta === 'bigint', 'step', 'eta', 'be a bigint', eta);
    const isNumber = number === undefined || typeof number === 'bigint';
    requireArgument(isNumber, 'step', 'number', 'be a bigint', number);
    // WebAssembly would cut both to 64 bits.
    if (eta !== BigInt.asIntN(64, eta)) throw new PotError('ETA_RANGE', 'eta does not fit 64 bits');
    if (number !== undefined && number !== BigInt.asUintN(64, number)) {
      throw new PotError('STEP_NUMBER', "a step's number must lie in 0..2^64");
    }
    return JSON.parse(guarded(() => this.inner.step(x, y, eta, number))) as StepResult;
  }

  /** The output layer's pre-activations at scale a, `[samples][outputs]`. */
  predict(x: Int32Array): Int32Array {
    return guarded(() => this.inner.predict(x));
  }

  /** A copy of the checkpoint: the weights, scale w, flat order; then the optimiser's state. */
  weights(): BigInt64Array {
    return guarded(() => this.inner.weights());
  }

  setWeights(weights: BigInt64Array): void {
    guarded(() => this.inner.setWeights(weights));
  }

  free(): void {
    // A closed instance has gone, and with it this; its address may be another's in the next one.
    if (this.isOpen()) this.inner.free();
  }
}
