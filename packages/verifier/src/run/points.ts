import { PotError } from '@proof-of-training/halo2-wasm';

/** The base field of BN254. */
const P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;

/**
 * Refuses bytes that encode no BN254 point in its one compressed form: 32 bytes each, x little-endian and below the
 * modulus, bit 254 the parity of y, bit 255 (the identity) clear. Whether x is on the curve is for the proof's verifier.
 *
 * Errors: `POINT_INVALID`.
 */
export function checkEncoding(points: Uint8Array): void {
  if (points.length % 32 !== 0) throw new PotError('POINT_INVALID', `${points.length} bytes are no points`);
  for (let at = 0; at < points.length; at += 32) {
    let x = BigInt(points[at + 31]! & 0x3f);
    for (let i = 30; i >= 0; i--) x = (x << 8n) | BigInt(points[at + i]!);
    if (points[at + 31]! >> 7 || x >= P)
      throw new PotError(
        'POINT_INVALID',
        `commitment ${at / 32} is the identity or not in its canonical form`,
      );
  }
}
