import { PotError } from 'halo2-wasm';

/** The base field of BN254. */
const P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;

/**
 * Coordinates of compressed BN254 points: 32 bytes each, x little-endian, bit 254 the parity of y, bit 255 set for
 * the identity.
 *
 * Errors: `POINT_INVALID` (not on the curve, not canonical, or the identity).
 */
export function decompress(points: Uint8Array): { x: bigint; y: bigint }[] {
  if (points.length % 32 !== 0) throw new PotError('POINT_INVALID', `${points.length} bytes are no points`);
  return Array.from({ length: points.length / 32 }, (_, i) =>
    decompressOne(points.subarray(32 * i, 32 * i + 32)),
  );
}

function decompressOne(bytes: Uint8Array): { x: bigint; y: bigint } {
  const odd = (bytes[31]! >> 6) & 1;
  if (bytes[31]! >> 7) throw new PotError('POINT_INVALID', 'a commitment is the identity');
  let x = BigInt(bytes[31]! & 0x3f);
  for (let i = 30; i >= 0; i--) x = (x << 8n) | BigInt(bytes[i]!);
  const square = (x * x * x + 3n) % P;
  let y = power(square, (P + 1n) / 4n);
  if (x >= P || (y * y) % P !== square)
    throw new PotError('POINT_INVALID', 'a commitment is not on the curve');
  if (Number(y & 1n) !== odd) y = P - y;
  return { x, y };
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * b) % P;
    b = (b * b) % P;
  }
  return result;
}
