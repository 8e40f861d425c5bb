import type { HashPair } from './pair.js';
import {
  FULL_ROUNDS,
  MODULUS,
  PARTIAL_ROUNDS,
  type PoseidonConstants,
  poseidonConstants,
} from './poseidonConstants.js';

const HALF = FULL_ROUNDS / 2;

let made: PoseidonConstants | undefined;

/**
 * Poseidon of two field elements (0x hex, big-endian; circomlib's parameters), as it is defined, in BigInt: an
 * implementation that shares nothing with the prover's, held to it by packages/proof-system/vectors/poseidon.json.
 *
 * @example
 * poseidonPair('0x' + '0'.repeat(64), '0x' + '0'.repeat(64)); // 0x2098f5fb...
 */
export const poseidonPair: HashPair = (left, right) => {
  made ??= poseidonConstants();
  const { rounds, matrix } = made;
  let state = [0n, BigInt(left) % MODULUS, BigInt(right) % MODULUS];
  for (const [round, constants] of rounds.entries()) {
    const full = round < HALF || round >= HALF + PARTIAL_ROUNDS;
    const [a, b, c] = state.map((cell, i) => {
      const sum = cell + constants[i]!;
      return full || i === 0 ? power5(sum) : sum;
    }) as [bigint, bigint, bigint];
    state = matrix.map((row) => (row[0]! * a + row[1]! * b + row[2]! * c) % MODULUS);
  }
  return `0x${state[0]!.toString(16).padStart(64, '0')}`;
};

function power5(value: bigint): bigint {
  const square = (value * value) % MODULUS;
  return (((square * square) % MODULUS) * value) % MODULUS;
}
