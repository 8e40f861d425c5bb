/**
 * Weights in memory that threads share: a base may have a million of them, and every window's proof needs all. An array
 * that is shared already is given back as it is.
 */
export function sharedBase(weights: BigInt64Array): BigInt64Array {
  if (weights.buffer instanceof SharedArrayBuffer) return weights;
  const shared = new BigInt64Array(new SharedArrayBuffer(weights.byteLength));
  shared.set(weights);
  return shared;
}
