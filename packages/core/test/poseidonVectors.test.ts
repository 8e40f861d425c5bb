import { readFileSync } from 'node:fs';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { expect, it } from 'vitest';

interface Vectors {
  hash2: { a: string; b: string; hash: string }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../proof-system/vectors/poseidon.json', import.meta.url), 'utf8'),
) as Vectors;
const bytes = (hex: string) => Buffer.from(hex.slice(2), 'hex').reverse();

it('Poseidon in WebAssembly is the chain of domain 0 over the permutation of circomlibjs', async () => {
  const { circomlibPair } = await import('../src/commit/index.js');
  const pair = await circomlibPair();
  const halo2 = await loadProver();
  const length = `0x${'2'.padStart(64, '0')}`;
  for (const { a, b, hash } of vectors.hash2) {
    expect(pair(a, b)).toBe(hash);
    const chain = Buffer.from(halo2.poseidon(Buffer.concat([bytes(a), bytes(b)])))
      .reverse()
      .toString('hex');
    expect(`0x${chain}`).toBe(pair(pair(pair(`0x${'0'.repeat(64)}`, length), a), b));
  }
});
