import { ZERO32 } from '@proof-of-training/sgd-circuit';

/** Poseidon of two field elements, given and taken as 0x hex (circomlib's parameters). */
export type HashPair = (left: string, right: string) => string;

/**
 * Root of the Poseidon Merkle tree over leaves in their order; leaves as given, padded with 0 to the next
 * power of two. One leaf is its own root.
 */
export function merkleRoot(leaves: readonly string[], hash: HashPair): string {
  if (leaves.length === 0) return ZERO32;
  let level = [...leaves];
  let width = 1;
  while (width < level.length) width *= 2;
  while (level.length < width) level.push(ZERO32);
  while (level.length > 1) {
    const next: string[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(hash(level[i]!, level[i + 1]!));
    level = next;
  }
  return level[0]!;
}
