// The package for chains: a real file for a chain, what it says, and what would be registered.
import { equal, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseEvmProof, readStatement, registryArtifact, termsOfRun } from '@proof-of-training/blockchain';
import { keccak256 } from 'ethers';

const text = readFileSync('evm-proof.json', 'utf8');
const file = parseEvmProof(text);
const said = readStatement(file.calldata);
const terms = await termsOfRun(file.run, keccak256(file.verifier.bytecode));
equal(terms.runId, said.runId);
equal(terms.genesis, said.weightsIn);
equal(keccak256(registryArtifact.deployedBytecode).length, 66);
throws(() => parseEvmProof(text.replace(file.run.runId, `0x${'1'.repeat(64)}`)), { code: 'EVM_PROOF_RUN' });
