import { z } from 'zod';
import { checkOptions, type ShapeFor } from '../../options/index.js';
import {
  callback,
  elsewhere,
  hex32,
  numbers,
  object,
  proverShape,
  signal,
  text,
  threads,
} from '../../options/kinds.js';
import type { LoraProverOptions } from './optimizedLoRAProver.js';
import type { LoraBatchOptions } from './proveWindows.js';
import type { LoraUpdate, UpdateAdapter } from './updates.js';

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
