import type { HashPair } from '../hash/pair.js';
import { hexOf, sha256 } from '../hash/sha256.js';

/** Poseidon chain over a list: `h_0 = P(domain, length)`, `h_{i+1} = P(h_i, x_i)`. */
export function chainHash(pair: HashPair, domain: string, values: readonly string[]): string {
  return values.reduce(pair, pair(textField(domain), numberField(values.length)));
}

/** SHA-256 of a text, cut to 248 bits, as a field element. */
export function sha256Field(text: string): string {
  return `0x00${hexOf(sha256(text)).slice(0, 62)}`;
}

/** At most 31 bytes of ASCII as a field element. */
export function textField(text: string): string {
  return `0x${hexOf(new TextEncoder().encode(text)).padStart(64, '0')}`;
}

/** A non-negative integer as a field element. */
export function numberField(n: number): string {
  return `0x${n.toString(16).padStart(64, '0')}`;
}
