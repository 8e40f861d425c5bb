import { PotError } from '@proof-of-training/halo2-wasm';
import { checkpointCount, hex32Schema, specSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { runSchema } from '../run/schema.js';
import { base64urlLength, fromBase64url, toBase64url } from './base64url.js';
import { FORMAT_VERSION } from './version.js';

export const OPENING_FORMAT = 'proof-of-training/opening';

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

/**
 * What opens a checkpoint's commitment: the integer weights (with adapters: A and B' alone), the optimiser's state
 * where it has one, and the salt of this one commitment. Secret; its owner gives it to whom he wants to show the weights.
 * It cannot show them without the state: the commitment is to both.
 */
export const openingSchema = z.strictObject({
  format: z.literal(OPENING_FORMAT),
  version: z.literal(FORMAT_VERSION),
  spec: specSchema,
  srs: runSchema.shape.srs,
  commitment: hex32Schema,
  /** 64-bit little-endian integers: the weights at scale w, flat order, then the state (docs/operators/optimizers.md). */
  weights: base64url,
  salt: base64url,
});

export type CheckpointOpening = z.infer<typeof openingSchema>;

/** The integers (weights, then state) and the salt of an opening. Errors: `OPENING_INVALID`. */
export function decodeOpening(opening: CheckpointOpening): { weights: BigInt64Array; salt: Uint8Array } {
  const count = checkpointCount(opening.spec);
  // Before anything of its size is made.
  const right = opening.weights.length === base64urlLength(8 * count) && opening.salt.length <= 64;
  const [weights, salt] = right ? [decodeWeights(opening.weights), fromBase64url(opening.salt)] : [];
  if (weights?.length !== count || salt?.length !== 32) {
    throw new PotError('OPENING_INVALID', 'the opening has not the size that its specification says');
  }
  return { weights, salt };
}

/** The integers of {@link encodeWeights}; undefined for a text that has none. */
export function decodeWeights(text: string): BigInt64Array | undefined {
  const bytes = fromBase64url(text);
  if (!bytes || bytes.length % 8 !== 0) return undefined;
  const view = new DataView(bytes.buffer);
  return BigInt64Array.from({ length: bytes.length / 8 }, (_, i) => view.getBigInt64(8 * i, true));
}

/** Base64url of a checkpoint's integers. */
export function encodeWeights(weights: BigInt64Array): string {
  const bytes = new Uint8Array(8 * weights.length);
  const view = new DataView(bytes.buffer);
  for (const [i, v] of weights.entries()) view.setBigInt64(8 * i, v, true);
  return toBase64url(bytes);
}
