import { buildPoseidon } from 'circomlibjs';
import { beforeAll, expect, it } from 'vitest';
import { type HashPair, merkleRoot } from '../src/dataset/merkle.js';

let pair: HashPair;
beforeAll(async () => {
  const poseidon = await buildPoseidon();
  pair = (l, r) => `0x${poseidon.F.toString(poseidon([BigInt(l), BigInt(r)]), 16).padStart(64, '0')}`;
});
const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;

it('hashes pairs and pads with 0 to a power of two', () => {
  const [a, b, c] = [hex(1), hex(2), hex(3)];
  expect(pair(a!, b!)).toBe('0x115cc0f5e7d690413df64c6b9662e9cf2a3617f2743245519e19607a4417189a');
  expect(merkleRoot([a!], pair)).toBe(a);
  expect(merkleRoot([a!, b!], pair)).toBe(pair(a!, b!));
  expect(merkleRoot([a!, b!, c!], pair)).toBe(pair(pair(a!, b!), pair(c!, hex(0))));
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
