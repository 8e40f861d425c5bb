import type { AggregateFile } from '@proof-of-training/core';
import { PotError } from '@proof-of-training/halo2-wasm';
import { FORMAT_VERSION } from '@proof-of-training/verifier/files';
import { keccak256 } from 'ethers';
import type { CompiledVerifier } from '../contracts/compiled.js';
import { readStatement } from '../statement/statement.js';
import { EVM_PROOF_FORMAT, type EvmProof, parseEvmProof } from './evmProof.js';

/**
 * Puts an aggregate, the wrapper's proof of it and the wrapper's contract into one file for chains.
 *
 * Errors: `EVM_PROOF_STATEMENT` where the wrapper's proof does not say what the aggregate says; those of `parseEvmProof`.
 *
 * @example
 * const file = packEvmProof(parseAggregate(await readFile('run.aggregate.json')), calldata, verifier);
 */
export function packEvmProof(
  { run, lastShard, genesis, aggregate }: Pick<AggregateFile, 'run' | 'lastShard' | 'genesis' | 'aggregate'>,
  calldata: string,
  verifier: CompiledVerifier,
): EvmProof {
  const said = readStatement(calldata);
  const { public: p } = aggregate;
  const own = {
    runId: p.runId,
    eta: BigInt(p.eta),
    firstStep: p.firstStep,
    endStep: p.endStep,
    weightsIn: p.weightsIn,
    weightsOut: p.weightsOut,
    datasetRoot: p.datasetRoot,
    schedule: p.schedule,
    base: p.base,
    depth: p.depth,
  };
  for (const [name, value] of Object.entries(own)) {
    if (said[name as keyof typeof own] === value) continue;
    throw new PotError('EVM_PROOF_STATEMENT', `the wrapper's proof has another ${name} than the aggregate`, {
      details: { name },
    });
  }
  return parseEvmProof({
    format: EVM_PROOF_FORMAT,
    version: FORMAT_VERSION,
    run,
    lastShard,
    genesis,
    verifier: {
      bytecode: verifier.bytecode,
      windowsPerProof: aggregate.key.windowsPerProof,
      codeHash: keccak256(verifier.deployedBytecode),
    },
    calldata,
  });
}
