import type { ShapeFor } from '@proof-of-training/verifier/options';
import { elsewhere, is, tensorflow, text, whole } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { LoraOptions } from './options.js';

/** Options of `applyLora`; what rank, alpha and init must be, it says itself (`LORA_*`). */
export const loraOptions = z.strictObject({
  rank: elsewhere,
  alpha: elsewhere,
  layers: z.array(text, 'must be an array of names').optional(),
  init: is('a name or values for each layer', (v) => typeof v === 'string' || isObject(v)).optional(),
  seed: whole(0).optional(),
  tf: tensorflow.optional(),
} satisfies ShapeFor<LoraOptions>);

/** Options of `mergeLora`. */
export const mergeOptions = z.strictObject({ tf: tensorflow.optional() } satisfies ShapeFor<
  Pick<LoraOptions, 'tf'>
>);

function isObject(v: unknown): boolean {
  return typeof v === 'object' && v !== null;
}
