import { readFileSync } from 'node:fs';
import { loadProver } from 'halo2-wasm';
import { beforeAll, expect, it } from 'vitest';
import { type HashPair, merkleRoot } from '../src/dataset/merkle.js';
import { numberField, pairHasher } from '../src/run/hash.js';

interface Vectors {
  hash2: { a: string; b: string; hash: string }[];
  chains: { domain: number; inputs: string[]; hash: string }[];
  trees: { leaves: string[]; root: string }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../halo2-wasm/vectors/poseidon.json', import.meta.url), 'utf8'),
) as Vectors;

let pair: HashPair;
beforeAll(async () => {
  pair = pairHasher(await loadProver());
});

it('Poseidon in WebAssembly agrees with the vectors of circomlibjs', () => {
  for (const { a, b, hash } of vectors.hash2) expect(pair(a, b)).toBe(hash);
  for (const { domain, inputs, hash } of vectors.chains) {
    expect(inputs.reduce(pair, pair(numberField(domain), numberField(inputs.length)))).toBe(hash);
  }
  for (const { leaves, root } of vectors.trees) expect(merkleRoot(leaves, pair)).toBe(root);
});
