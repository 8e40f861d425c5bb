import { hexToBytes as fromHex, bytesToHex as toHex } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { sha256 } from '../bytes.js';

/** A digest as events name it: of bytes, or of a commitment, as proofs have it. */
export const digestSchema = z.string().regex(/^(?:sha256|poseidon):[0-9a-f]{64}$/);
/** A digest of bytes. */
export const sha256Schema = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Most artefacts on one side of an event. */
export const MAX_ARTEFACTS = 1000;
/** Longest name of an artefact, a stage, a model. */
export const MAX_NAME = 256;

/** A name of one line, for people. */
export const nameSchema = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
/** A moment with milliseconds, in UTC. */
export const momentSchema = z.iso.datetime({ precision: 3 });

/** The digest of bytes. */
export function digestOfBytes(...parts: readonly (Uint8Array | string)[]): string {
  return `sha256:${toHex(sha256(...parts))}`;
}

/** A digest of SHA-256's output. */
export function digestFrom(hash: Uint8Array): string {
  return `sha256:${toHex(hash)}`;
}

/** The bytes of a digest. */
export function bytesOfDigest(digest: string): Uint8Array {
  return fromHex(digest.slice(digest.indexOf(':') + 1));
}

/** A digest of a commitment, as proofs write it: 0x and 64 digits. */
export function poseidonDigest(hex: string): string {
  return `poseidon:${hex.slice(2)}`;
}

/** The first digits of a digest, for a line of text. */
export function short(digest: string | undefined): string {
  return digest === undefined ? 'undisclosed' : digest.slice(0, digest.indexOf(':') + 13);
}

/** Those that there are. */
export function known(...digests: readonly (string | undefined)[]): string[] {
  return digests.filter((digest) => digest !== undefined);
}
