/**
 * The salt of a public base, 32 zero bytes: whoever has the base can compute its digest, and all runs on it show the
 * same one.
 */
export function publicBaseSalt(): Uint8Array {
  return new Uint8Array(32);
}
