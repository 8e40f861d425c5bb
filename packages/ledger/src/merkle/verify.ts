import { same } from '../bytes.js';
import { emptyRoot, HASH_BYTES, nodeHash } from './hash.js';

const isWhole = (n: number) => Number.isSafeInteger(n) && n >= 0;
const areHashes = (all: readonly Uint8Array[]) => all.every(({ length }) => length === HASH_BYTES);

/**
 * Whether a leaf stands at an index of the tree of this size and root (RFC 9162, section 2.1.3.2).
 *
 * @param leaf hash of the entry, `leafHash(entry)`
 * @param path siblings from the leaf to the root
 *
 * @example
 * verifyInclusion({ index: 0, size: 1, leaf: leafHash(entry), path: [], root: leafHash(entry) }); // true
 */
export function verifyInclusion({ index, size, leaf, path, root }: Inclusion): boolean {
  if (!isWhole(index) || !isWhole(size) || index >= size) return false;
  if (!areHashes([leaf, root, ...path])) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      // On the right edge: up to where the node is a right child.
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(hash, root);
}

/** What {@link verifyInclusion} looks at. */
export interface Inclusion {
  index: number;
  size: number;
  leaf: Uint8Array;
  path: readonly Uint8Array[];
  root: Uint8Array;
}

/**
 * Whether the larger tree begins with all leaves of the smaller one (RFC 9162, section 2.1.4.2).
 *
 * @example
 * verifyConsistency({ from: { size: 0, root: emptyRoot() }, to: { size: 5, root }, path: [] }); // true
 */
export function verifyConsistency({ from, to, path }: Consistency): boolean {
  if (!isWhole(from.size) || !isWhole(to.size) || from.size > to.size) return false;
  if (!areHashes([from.root, to.root, ...path])) return false;
  if (from.size === to.size) return path.length === 0 && same(from.root, to.root);
  if (from.size === 0) return path.length === 0 && same(from.root, emptyRoot());
  if (path.length === 0) return false;
  // A whole tree is a node of the larger one: its root is the first hash.
  const all = isPowerOfTwo(from.size) ? [from.root, ...path] : path;
  const roots = consistencyRoots(from.size, to.size, all);
  return roots !== undefined && same(roots.before, from.root) && same(roots.now, to.root);
}

/**
 * What hashes of a larger tree say that the root of its first `old` leaves is, and its own. Where the latter is signed and the former is not
 * what was signed before, they show that both were signed and cannot both be true.
 *
 * @param old from 1 to below `size`
 * @param hashes those of a consistency proof; where `old` is a power of two, the first subtree's own hash before them
 */
export function consistencyRoots(
  old: number,
  size: number,
  [first, ...rest]: readonly Uint8Array[],
): { before: Uint8Array; now: Uint8Array } | undefined {
  if (!first || old < 1 || old >= size || !areHashes([first, ...rest])) return undefined;
  let [at, last] = [old - 1, size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [before, now] = [first, first];
  for (const hash of rest) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      [before, now] = [nodeHash(hash, before), nodeHash(hash, now)];
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      now = nodeHash(now, hash);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? { before, now } : undefined;
}

/** A tree by its number of leaves and root. */
export interface TreeHead {
  size: number;
  root: Uint8Array;
}

/** What {@link verifyConsistency} looks at. */
export interface Consistency {
  from: TreeHead;
  to: TreeHead;
  path: readonly Uint8Array[];
}

/** Not `>>`, which has 32 bits. */
function half(n: number): number {
  return Math.floor(n / 2);
}

/** Whether a tree of so many leaves is one whole subtree. */
export function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(Math.log2(n)) && 2 ** Math.log2(n) === n;
}
