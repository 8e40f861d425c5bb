import { AbiCoder, concat, getBytes, keccak256, toBeHex } from 'ethers';

const abi = AbiCoder.defaultAbiCoder();

/** Most samples of a test set, and of a draw: the contract's. */
export const DRAW_LIMITS = { testSet: 1 << 20, samples: 4096, window: 1 << 24 } as const;

/** Id of a test set: of its owner, its root and how many samples it has. */
export function testSetIdOf(owner: string, root: string, samples: number): string {
  return keccak256(abi.encode(['address', 'bytes32', 'uint32'], [owner, root, samples]));
}

/** Id of a draw: one for an account, a test set and a model. */
export function drawIdOf(requester: string, testSet: string, model: string): string {
  return keccak256(abi.encode(['address', 'bytes32', 'bytes32'], [requester, testSet, model]));
}

/** The seed that a block's hash gives a draw, as the contract makes it. */
export function drawSeedOf(chainId: number, contract: string, draw: string, blockHash: string): string {
  const types = ['uint256', 'address', 'bytes32', 'bytes32'];
  return keccak256(abi.encode(types, [chainId, contract, draw, blockHash]));
}

/**
 * The samples that a seed draws from a test set, in rising order: Floyd's algorithm, as the contract has it (function `drawn`).
 *
 * @example
 * const indices = drawnIndices(seed, 10_000, 100);
 */
export function drawnIndices(seed: string, from: number, samples: number): number[] {
  const taken = new Set<number>();
  for (let j = from - samples; j < from; j++) {
    const t = Number(BigInt(keccak256(concat([seed, toBeHex(j, 32)]))) % BigInt(j + 1));
    taken.add(taken.has(t) ? j : t);
  }
  return [...taken].sort((a, b) => a - b);
}

/**
 * What proofs of a drawn evaluation are bound to (`context`): the first 31 bytes of keccak256 of the seed, which is below the field's
 * modulus. Nobody knew it before the block: so such a proof is not older than the draw.
 *
 * @example
 * const part = await proveEvaluation({ opening, inputs, labels, uses, context: contextOfDraw(seed) });
 */
export function contextOfDraw(seed: string): string {
  return toBeHex(BigInt(keccak256(getBytes(seed))) >> 8n, 32);
}
