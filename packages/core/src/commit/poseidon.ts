import type { HashPair } from '@proof-of-training/verifier/run';

let built: Promise<HashPair> | undefined;

/**
 * Poseidon of two field elements (0x hex, big-endian) by circomlibjs: an implementation independent of the
 * prover's, held to it by packages/proof-system/vectors/poseidon.json. Slower than the WebAssembly one.
 *
 * @example
 * const pair = await circomlibPair();
 * pair('0x' + '0'.repeat(64), '0x' + '0'.repeat(64)); // 0x2098f5fb...
 */
export function circomlibPair(): Promise<HashPair> {
  built ??= build();
  return built;
}

async function build(): Promise<HashPair> {
  // It brings a second ethers: loaded where a digest is made, and not by every command.
  const { buildPoseidon } = await import('circomlibjs');
  const poseidon = await buildPoseidon();
  return (left, right) => {
    const hash = poseidon.F.toString(poseidon([BigInt(left), BigInt(right)]), 16);
    return `0x${hash.padStart(64, '0')}`;
  };
}
