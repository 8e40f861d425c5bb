import { PotError } from '@proof-of-training/errors';

/** An SRS's bytes: k (4), 2^k powers, their Lagrange basis or nothing, [1]_2 and [tau]_2. Coordinates in Montgomery form. */
const HEAD = 4;
const G1_BYTES = 64;
const TAIL = 256;
/** As the engine's. */
const MAX_K = 22;

/**
 * log2 of an SRS's powers, and whether it has their Lagrange basis. Errors: `SRS_INVALID` for a length that fits neither.
 *
 * @example
 * const { k, basis } = formOf(srs.bytes);
 */
export function formOf(bytes: Uint8Array): { k: number; basis: boolean } {
  const k =
    bytes.byteLength < HEAD ? 0 : new DataView(bytes.buffer, bytes.byteOffset, HEAD).getUint32(0, true);
  const length = (points: number) => HEAD + points * G1_BYTES + TAIL;
  if (k >= 1 && k <= MAX_K) {
    if (bytes.byteLength === length(2 ** k)) return { k, basis: false };
    if (bytes.byteLength === length(2 ** (k + 1))) return { k, basis: true };
  }
  throw new PotError('SRS_INVALID', `${bytes.byteLength} bytes that are no SRS of any size`, {
    hint: 'Give what readSrs, importSrs or importPtau returned.',
  });
}

/**
 * Whether an SRS has its Lagrange basis, which proving takes. Errors: `SRS_INVALID`.
 *
 * @example
 * if (!hasBasis(bytes)) bytes = halo2.srsCut(bytes, 12);
 */
export function hasBasis(bytes: Uint8Array): boolean {
  return formOf(bytes).basis;
}

/**
 * The first 2^k powers of an SRS, or all where it has fewer, without their Lagrange basis: all that verification takes. A copy; the points are not
 * looked at. Errors: `SRS_INVALID`.
 *
 * @example
 * const small = powersAlone(srs.bytes, 10); // 2^10 powers, and no Lagrange basis
 */
export function powersAlone(bytes: Uint8Array, k: number): Uint8Array {
  const size = Math.min(k, formOf(bytes).k);
  const powers = bytes.subarray(HEAD, HEAD + G1_BYTES * 2 ** size);
  const out = new Uint8Array(HEAD + powers.byteLength + TAIL);
  new DataView(out.buffer).setUint32(0, size, true);
  out.set(powers, HEAD);
  out.set(bytes.subarray(bytes.byteLength - TAIL), HEAD + powers.byteLength);
  return out;
}

/**
 * The hash that names an SRS, hexadecimal: SHA-256 over its first two powers, [1]_2 and [tau]_2, as the engine computes it.
 * Errors: `SRS_INVALID`.
 */
export async function hashOf(bytes: Uint8Array): Promise<string> {
  formOf(bytes);
  const parts = [
    new TextEncoder().encode('proof-of-training/srs/v1'),
    bytes.subarray(HEAD, HEAD + 2 * G1_BYTES),
    bytes.subarray(bytes.byteLength - TAIL),
  ];
  const all = new Uint8Array(parts.reduce((n, p) => n + p.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  const digest = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', all));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}
