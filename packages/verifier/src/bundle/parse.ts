import { PotError } from '@proof-of-training/halo2-wasm';
import { firstIssue, readStrictJson } from '@proof-of-training/sgd-circuit';
import type { z } from 'zod';
import { fromBase64url, toBase64url } from './base64url.js';
import {
  BUNDLE_FORMAT,
  bundleSchema,
  MAX_BUNDLE_BYTES,
  PROOF_FORMAT,
  type RunBundle,
  type TrainingProof,
  trainingProofSchema,
} from './schema.js';
import { contentOf, type Readable } from './source.js';
import { requireVersion } from './version.js';

export type { Readable } from './source.js';

/**
 * Reads a run bundle of unknown origin.
 *
 * Errors: `SOURCE_INVALID` (no text, bytes or value), `FORMAT_TOO_LARGE`, `FORMAT_TRUNCATED`, `FORMAT_NOT_JSON`,
 * `FORMAT_DUPLICATE_KEY`, `FORMAT_PROTO_KEY`, `FORMAT_TOO_DEEP`, `FORMAT_FOREIGN` (another kind of file), `FORMAT_VERSION`,
 * `FORMAT_INVALID` (with the path of the first bad field).
 *
 * @example
 * const bundle = parseBundle(await readFile('bundle.json'));
 * console.log(bundle.run.runId, bundle.windows.length);
 */
export function parseBundle(source: Readable, maxBytes = MAX_BUNDLE_BYTES): RunBundle {
  return parseAs(source, BUNDLE_FORMAT, bundleSchema, maxBytes);
}

/**
 * Reads a single proof of unknown origin. Errors: those of {@link parseBundle}.
 *
 * @example
 * const proof = parseTrainingProof(await readFile('proof.json'));
 * const report = await verifyTrainingProof(proof);
 */
export function parseTrainingProof(source: Readable, maxBytes = MAX_BUNDLE_BYTES): TrainingProof {
  return parseAs(source, PROOF_FORMAT, trainingProofSchema, maxBytes);
}

/** Proof bytes to base64url. */
export function encodeProof(bytes: Uint8Array): string {
  return toBase64url(bytes);
}

/** Base64url to proof bytes; `FORMAT_INVALID` unless it is the one canonical encoding. */
export function decodeProof(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes && toBase64url(bytes) === text) return bytes;
  throw new PotError('FORMAT_INVALID', 'a proof is not canonical base64url');
}

/** Reads a file of one format and version. Errors: those of {@link parseBundle}. */
export function parseAs<T extends z.ZodType>(
  source: Readable,
  format: string,
  schema: T,
  maxBytes: number,
): z.infer<T> {
  const value = toValue(source, maxBytes);
  if (typeof value !== 'object' || value === null || (value as { format?: unknown }).format !== format) {
    throw new PotError('FORMAT_FOREIGN', `this is no ${format} file`);
  }
  requireVersion(value);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PotError('FORMAT_INVALID', firstIssue(result.error).text, {
    details: { issues: result.error.issues.length },
  });
}

function toValue(source: unknown, maxBytes: number): unknown {
  const content = contentOf(source);
  return 'value' in content ? content.value : readStrictJson(content.raw, { maxBytes });
}
