import { sha256 as digest } from '@noble/hashes/sha2.js';

/**
 * SHA-256 of some bytes after each other. Without Node's `crypto`, and without waiting, as a browser's own would need.
 *
 * @param parts bytes, or texts, which count as UTF-8
 */
export function sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const hash = digest.create();
  for (const part of parts) hash.update(typeof part === 'string' ? new TextEncoder().encode(part) : part);
  return hash.digest();
}

/** Bytes as hex digits, without 0x. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A number from 0 to 2^64 - 1 in 8 bytes, big-endian. */
export function uint64(n: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(n));
  return bytes;
}
