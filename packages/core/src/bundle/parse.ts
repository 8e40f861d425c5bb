import { PotError } from 'halo2-wasm';
import type { z } from 'zod';
import {
  BUNDLE_FORMAT,
  bundleSchema,
  FORMAT_VERSION,
  MAX_BUNDLE_BYTES,
  PROOF_FORMAT,
  type RunBundle,
  type TrainingProof,
  trainingProofSchema,
} from './schema.js';

/** Text, bytes of a file, or a value that is parsed already. */
export type Readable = string | Uint8Array | object;

/**
 * Reads a run bundle of unknown origin.
 *
 * Errors: `FORMAT_TOO_LARGE`, `FORMAT_TRUNCATED`, `FORMAT_NOT_JSON`, `FORMAT_FOREIGN` (another kind of file),
 * `FORMAT_VERSION`, `FORMAT_INVALID` (with the path of the first bad field).
 */
export function parseBundle(source: Readable, maxBytes = MAX_BUNDLE_BYTES): RunBundle {
  return parseAs(source, BUNDLE_FORMAT, bundleSchema, maxBytes);
}

/** Reads a single proof of unknown origin. Errors: those of {@link parseBundle}. */
export function parseTrainingProof(source: Readable, maxBytes = MAX_BUNDLE_BYTES): TrainingProof {
  return parseAs(source, PROOF_FORMAT, trainingProofSchema, maxBytes);
}

/** Proof bytes to base64url. */
export function encodeProof(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** Base64url to proof bytes; `FORMAT_INVALID` unless it is the one canonical encoding. */
export function decodeProof(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) {
    throw new PotError('FORMAT_INVALID', 'a proof is not canonical base64url');
  }
  return new Uint8Array(bytes);
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
  const { version } = value as { version?: unknown };
  if (version !== FORMAT_VERSION) {
    throw new PotError(
      'FORMAT_VERSION',
      `format version ${String(version)} is not supported, only ${FORMAT_VERSION}`,
      {
        hint: 'Use the version of this library that the file was made with.',
      },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new PotError('FORMAT_INVALID', `at ${issue?.path.join('.') || 'top'}: ${issue?.message}`, {
    details: { issues: result.error.issues.length },
  });
}

function toValue(source: Readable, maxBytes: number): unknown {
  if (typeof source === 'object' && !(source instanceof Uint8Array)) return source;
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength;
  if (size > maxBytes) {
    throw new PotError('FORMAT_TOO_LARGE', `${size} bytes: files up to ${maxBytes} bytes are read`);
  }
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const truncated = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');
    throw new PotError(truncated ? 'FORMAT_TRUNCATED' : 'FORMAT_NOT_JSON', 'the file is not whole JSON', {
      hint: 'The file is damaged or cut off: get it again.',
      // JSON.parse quotes the text around the error; the position is enough.
      details: { bytes: size, reason: cause instanceof Error ? cause.name : 'unknown' },
    });
  }
}
