import {
  type HashPair,
  merkleLeaf,
  merkleLevels,
  merkleRoot,
  merkleRootOfLast,
} from '@proof-of-training/verifier/run';
import { buildPoseidon } from 'circomlibjs';
import { beforeAll, expect, it } from 'vitest';

let pair: HashPair;
beforeAll(async () => {
  const poseidon = await buildPoseidon();
  pair = (l, r) => `0x${poseidon.F.toString(poseidon([BigInt(l), BigInt(r)]), 16).padStart(64, '0')}`;
});
const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;

it('hashes leaves with their tag, then pairs, and pads with 0 to a power of two', () => {
  const [a, b, c] = [hex(1), hex(2), hex(3)];
  expect(pair(a!, b!)).toBe('0x115cc0f5e7d690413df64c6b9662e9cf2a3617f2743245519e19607a4417189a');
  const leaf = (digest: string) => pair(hex(0x706f744c), digest);
  expect(merkleLeaf(a!, pair)).toBe(leaf(a!));
  expect(merkleRoot([a!], pair)).toBe(leaf(a!));
  expect(merkleRoot([a!, b!], pair)).toBe(pair(leaf(a!), leaf(b!)));
  expect(merkleRoot([a!, b!, c!], pair)).toBe(pair(pair(leaf(a!), leaf(b!)), pair(leaf(c!), hex(0))));
});

it('changes with any leaf and with their order', () => {
  const leaves = [1, 2, 3, 4, 5].map(hex);
  const root = merkleRoot(leaves, pair);
  leaves.forEach((_, i) => {
    expect(
      merkleRoot(
        leaves.map((l, n) => (n === i ? hex(9) : l)),
        pair,
      ),
    ).not.toBe(root);
  });
  expect(merkleRoot([...leaves].reverse(), pair)).not.toBe(root);
});

it('shows neither an inner node nor padding as a leaf', () => {
  const leaves = [1, 2, 3, 4, 5, 6].map(hex);
  const levels = merkleLevels(leaves, pair);
  const root = merkleRoot(leaves, pair);
  expect(levels.map((level) => level.length)).toEqual([8, 4, 2, 1]);
  // A dataset of the inner nodes: fewer shards, that nobody has the data of.
  for (const level of levels.slice(1)) expect(merkleRoot(level, pair)).not.toBe(root);
  // The last leaf's parent as the last leaf of a tree of a level less, and the padding as a seventh leaf.
  expect(merkleRootOfLast(leaves[5]!, 5, [levels[0]![4]!, levels[1]![3]!, levels[2]![0]!], pair)).toBe(root);
  expect(merkleRootOfLast(levels[1]![2]!, 2, [levels[1]![3]!, levels[2]![0]!], pair)).not.toBe(root);
  expect(merkleRootOfLast(hex(0), 6, [hex(0), levels[1]![2]!, levels[2]![0]!], pair)).not.toBe(root);
  expect(merkleRoot([...leaves, hex(0)], pair)).not.toBe(root);
});
