import { readFileSync } from 'node:fs';
import { type HashPair, merkleRoot } from '@proof-of-training/verifier/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { circomlibPair } from '../src/commit/index.js';

interface Vectors {
  hash2: { a: string; b: string; hash: string }[];
  chains: { domain: number; inputs: string[]; hash: string }[];
  trees: { leaves: string[]; root: string }[];
}

const path = new URL('../../proof-system/vectors/poseidon.json', import.meta.url);
const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vectors;

describe('circomlibjs agrees with the vectors that the Rust side is held to', () => {
  let pair: HashPair;
  beforeAll(async () => {
    pair = await circomlibPair();
  });

  it('two inputs', () => {
    for (const { a, b, hash } of vectors.hash2) expect(pair(a, b)).toBe(hash);
    expect(vectors.hash2.length).toBeGreaterThan(3);
  });

  it('chains: h_0 = P(domain, length), h_{i+1} = P(h_i, x_i)', () => {
    const field = (v: number) => `0x${BigInt(v).toString(16).padStart(64, '0')}`;
    for (const { domain, inputs, hash } of vectors.chains) {
      expect(inputs.reduce(pair, pair(field(domain), field(inputs.length)))).toBe(hash);
    }
    expect(vectors.chains.length).toBeGreaterThan(3);
  });

  it('trees, padded with zero', () => {
    for (const { leaves, root } of vectors.trees) expect(merkleRoot(leaves, pair)).toBe(root);
    expect(vectors.trees.map((t) => t.leaves.length)).toContain(5);
  });
});
