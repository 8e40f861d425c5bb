import { readFileSync } from 'node:fs';
import type { EvmProof } from '../../src/file/evmProof.js';
import { calldataOf, fixtures, verifierCodeHash } from './fixtures.js';

/** A small real run: its description, its genesis proof, the opening of its last weights. scripts/fixtureRun.mjs. */
export const fixtureRun = JSON.parse(
  readFileSync(new URL('../fixtures/run.json', import.meta.url), 'utf8'),
) as Pick<EvmProof, 'run' | 'genesis'> & { opening: { weights: string; commitment: string } };

/** A file for chains of that run: aggregate 0 or 1, or another statement about it. */
export function evmProofOf(name: string): EvmProof {
  return {
    format: 'proof-of-training/evm-proof',
    version: 1,
    run: fixtureRun.run,
    genesis: fixtureRun.genesis,
    verifier: { bytecode: fixtures.verifier.bytecode, codeHash: verifierCodeHash },
    calldata: calldataOf(`run/${name}`),
  };
}
