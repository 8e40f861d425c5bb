import { sha256 as digest } from '@noble/hashes/sha2.js';

/** Bytes of a hash. */
export const HASH_BYTES = 32;

/**
 * Hash of an entry as a leaf (RFC 6962, section 2.1): its bytes after a byte 0.
 *
 * @example leafHash(new TextEncoder().encode('an entry')).length; // 32
 */
export function leafHash(entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + entry.length);
  bytes.set(entry, 1);
  return digest(bytes);
}

/**
 * Hash of an inner node: its children's after a byte 1, so that no leaf is a node.
 *
 * @example nodeHash(leafHash(first), leafHash(second)); // the root of a tree of two entries
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + HASH_BYTES);
  return digest(bytes);
}

/**
 * Root of the tree without leaves.
 *
 * @example emptyRoot().length; // 32
 */
export function emptyRoot(): Uint8Array {
  return digest(new Uint8Array());
}
