import { referenceShape, revealKind } from '@proof-of-training/verifier';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { ProveInferenceOptions } from './options.js';
import type { UseCounter } from './uses.js';

const visibility = kinds.oneOf('public', 'committed').optional();

/** Options, as schemas. */
export const inferenceShape = {
  opening: kinds.object,
  inputs: kinds.is<ArrayLike<number>>(
    'an array of numbers that is not empty',
    (v) => typeof v === 'object' && v !== null && (v as ArrayLike<number>).length > 0,
  ),
  uses: kinds.is<UseCounter>(
    'a counter of proofs (memoryUses, fileUses)',
    (v) => typeof (v as UseCounter | null)?.take === 'function',
  ),
  show: z.strictObject({ inputs: visibility, outputs: visibility }).optional(),
  reveal: revealKind.optional(),
  context: z.unknown().optional(),
  transcript: kinds.oneOf('blake2b', 'poseidon').optional(),
  ...referenceShape,
} satisfies ShapeFor<ProveInferenceOptions>;

/** Errors: `OPTION_UNKNOWN` with the nearest name, `OPTION_INVALID`. */
export function checkInferenceOptions(options: ProveInferenceOptions): void {
  checkOptions(z.object(inferenceShape), options, 'proveInference');
}
