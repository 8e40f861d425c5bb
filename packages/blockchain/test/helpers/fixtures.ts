import { readFileSync } from 'node:fs';
import { keccak256, ZeroHash } from 'ethers';
import type { RunTerms } from '../../src/client/types.js';
import { type AggregateStatement, readStatement } from '../../src/statement/statement.js';

/**
 * Real proofs for a real verifier contract, made by the crate pot-chain-fixtures. Its circuit has the wrapper's public
 * inputs but not its rules: whoever runs it proves any statement. So what these tests show is what the registry and the
 * client do with statements, and that an altered proof or statement is refused; not what an aggregate proves.
 */
export const fixtures = JSON.parse(
  readFileSync(new URL('../fixtures/proofs.json', import.meta.url), 'utf8'),
) as {
  solidity: string;
  proofBytes: number;
  proofs: { name: string; calldata: string }[];
  verifier: { bytecode: string; deployedBytecode: string };
};

export const verifierCodeHash = keccak256(fixtures.verifier.deployedBytecode);

/** Calldata of the statement with this name: scripts/fixtures.mjs. */
export function calldataOf(name: string): string {
  return fixtures.proofs.find((p) => p.name === name)!.calldata;
}

export function statementOf(name: string): AggregateStatement {
  return readStatement(calldataOf(name));
}

/** Terms of the run whose first aggregate has this name. */
export function termsOf(name: string, verifierId: string): RunTerms {
  const s = statementOf(name);
  return {
    runId: s.runId,
    datasetRoot: s.datasetRoot,
    depth: s.depth,
    eta: s.eta,
    genesis: s.weightsIn,
    base: s.base,
    hyperparameters: ZeroHash,
    windowKey: ZeroHash,
    verifierId,
  };
}

/** Calldata with word `index` (32 bytes) replaced. */
export function withWord(calldata: string, index: number, value: bigint): string {
  const at = 2 + 64 * index;
  return calldata.slice(0, at) + value.toString(16).padStart(64, '0') + calldata.slice(at + 64);
}

export function wordOf(calldata: string, index: number): bigint {
  return BigInt(`0x${calldata.slice(2 + 64 * index, 66 + 64 * index)}`);
}
