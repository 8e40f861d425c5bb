/** The verifier's own Poseidon, in BigInt, against the vectors that Rust and circomlibjs are held to. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { merkleRoot, poseidonPair } from '../src/run/index.js';

interface Vectors {
  hash2: { a: string; b: string; hash: string }[];
  chains: { domain: number; inputs: string[]; hash: string }[];
  trees: { leaves: string[]; root: string }[];
}

const path = new URL('../../proof-system/vectors/poseidon.json', import.meta.url);
const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
const field = (v: number) => `0x${BigInt(v).toString(16).padStart(64, '0')}`;

describe('Poseidon in BigInt', () => {
  it('hashes two elements as circomlib does', () => {
    expect(vectors.hash2.length).toBeGreaterThan(3);
    for (const { a, b, hash } of vectors.hash2) expect(poseidonPair(a, b)).toBe(hash);
  });

  it('hashes chains and trees as the prover does', () => {
    for (const { domain, inputs, hash } of vectors.chains) {
      expect(inputs.reduce(poseidonPair, poseidonPair(field(domain), field(inputs.length)))).toBe(hash);
    }
    for (const { leaves, root } of vectors.trees) expect(merkleRoot(leaves, poseidonPair)).toBe(root);
  });
});
