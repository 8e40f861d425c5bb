import {
  callback,
  checkOptions,
  elsewhere,
  hex32,
  numbers,
  object,
  proverShape,
  type ShapeFor,
  signal,
  text,
  threads,
} from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { ProverOptions } from '../options.js';
import type { LoraBatchOptions } from './proveWindows.js';
import type { LoraUpdate, UpdateAdapter } from './updates.js';

export interface LoraProverOptions extends Omit<ProverOptions, 'batchSize'> {
  /** Most proofs at once; -1 (default): one a core. */
  workers?: number;
  /** Threads inside each proof; -1: one a core; default: chosen by measurement. */
  threads?: number;
  /** Most steps a proof; default 64. */
  maxWindow?: number;
}

/** Options of `new OptimizedLoRAProver`. */
export const loraProverOptions = z.strictObject({
  ...proverShape,
  workers: threads.optional(),
  threads: threads.optional(),
  maxWindow: threads.optional(),
} satisfies ShapeFor<LoraProverOptions>);

/** Options of `proveLoraBatch`. */
export const loraBatchOptions = z.strictObject({
  runId: hex32.optional(),
  signal: signal.optional(),
  onProgress: callback.optional(),
} satisfies ShapeFor<LoraBatchOptions>);

const matrices = { A: numbers, B: numbers };

/** What rank, alpha and rate must be, `chainsOf` says (`LORA_*`, `LEARNING_RATE_*`). */
const update = z.strictObject({
  name: text.optional(),
  adapter: z
    .strictObject(
      { ...matrices, rank: elsewhere, alpha: elsewhere } satisfies ShapeFor<UpdateAdapter>,
      'must be { rank, alpha, A, B }',
    )
    .optional(),
  x: numbers,
  gradient: numbers,
  learningRate: elsewhere,
  optimizer: object.optional(),
  after: z.strictObject(matrices, 'must be { A, B }').optional(),
} satisfies ShapeFor<LoraUpdate>);

/** Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, with the update's number. */
export function checkUpdates(updates: readonly LoraUpdate[]): void {
  updates.forEach((one, n) => {
    checkOptions(update, one, `update ${n} of proveLoraBatch`);
  });
}
