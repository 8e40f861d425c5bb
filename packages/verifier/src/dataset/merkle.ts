import { ZERO32 } from '@proof-of-training/sgd-circuit';
import type { HashPair } from '../hash/pair.js';
import { atOnce, type InParts } from './inParts.js';

export type { HashPair };

/** Domain tag of leaves, as in packages/proof-system/rust. */
const LEAF_DOMAIN = `0x${'706f744c'.padStart(64, '0')}`;

/**
 * The lowest node of a leaf. A node of a tree that was made of leaves is a hash, or 0 where it is padding, and not the tag: so
 * neither an inner node nor padding can be shown as a leaf, and no leaf can be chosen that is an inner node. Who makes up a root
 * can put the tag where a node should be, and have a node that is also a leaf's, one level higher: no leaf has a path in
 * both readings, and the depth is among the public inputs of whoever proves one.
 */
export function merkleLeaf(leaf: string, hash: HashPair): string {
  return hash(LEAF_DOMAIN, leaf);
}

/** Root of the Poseidon Merkle tree over leaves in their order, padded with 0 to the next power of two; 0 without leaves. */
export function merkleRoot(leaves: readonly string[], hash: HashPair): string {
  return atOnce(merkleRootInParts(leaves, hash));
}

/** The same in as many parts as it hashes: {@link merkleHashes}. */
export function* merkleRootInParts(leaves: readonly string[], hash: HashPair): InParts<string> {
  if (leaves.length === 0) return ZERO32;
  const levels = yield* levelsInParts(leaves, hash);
  return levels[levels.length - 1]![0]!;
}

/** Hashes that the root of so many leaves takes. */
export function merkleHashes(leaves: number): number {
  return leaves === 0 ? 0 : leaves + 2 ** merkleDepth(leaves) - 1;
}

/** Levels of the tree over so many leaves: 0 for one leaf. */
export function merkleDepth(leaves: number): number {
  let depth = 0;
  while (2 ** depth < leaves) depth++;
  return depth;
}

/** All levels of the tree over at least one leaf: the leaves' nodes and padding first, the root alone last. */
export function merkleLevels(leaves: readonly string[], hash: HashPair): string[][] {
  return atOnce(levelsInParts(leaves, hash));
}

function* levelsInParts(leaves: readonly string[], hash: HashPair): InParts<string[][]> {
  let level: string[] = [];
  for (const leaf of leaves) {
    level.push(merkleLeaf(leaf, hash));
    yield;
  }
  const padding = 2 ** merkleDepth(leaves.length) - leaves.length;
  for (let i = 0; i < padding; i++) level.push(ZERO32);
  const levels = [level];
  while (level.length > 1) {
    const next: string[] = [];
    for (let i = 0; i < level.length; i += 2) {
      next.push(hash(level[i]!, level[i + 1]!));
      yield;
    }
    level = next;
    levels.push(level);
  }
  return levels;
}

/**
 * The root of the tree of which `leaf` is the last leaf, at `index`; undefined where `siblings` show another leaf
 * behind it. Without this a root does not say how many leaves there are, and somebody could leave the last ones out.
 */
export function merkleRootOfLast(
  leaf: string,
  index: number,
  siblings: readonly string[],
  hash: HashPair,
): string | undefined {
  if (siblings.length !== merkleDepth(index + 1)) return undefined;
  let node = merkleLeaf(leaf, hash);
  let padding = ZERO32;
  for (const [level, sibling] of siblings.entries()) {
    if (Math.floor(index / 2 ** level) % 2 === 1) node = hash(sibling, node);
    else if (sibling === padding) node = hash(node, sibling);
    else return undefined;
    padding = hash(padding, padding);
  }
  return node;
}

/** The nodes beside the path of leaf `index`, from below. */
export function merkleSiblings(levels: readonly (readonly string[])[], index: number): string[] {
  return levels.slice(0, -1).map((level, depth) => level[Math.floor(index / 2 ** depth) ^ 1]!);
}
