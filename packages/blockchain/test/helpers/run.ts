import { readFileSync } from 'node:fs';
import type { CheckpointOpening } from '@proof-of-training/core';
import { FORMAT_VERSION } from '@proof-of-training/verifier/files';
import { verifierPin } from '../../src/audit/pin.js';
import type { EvmProof } from '../../src/proofFile/evmProof.js';
import { calldataOf, fixtures, verifierCodeHash } from './fixtures.js';

/** A small real run: its description, its genesis proof, the opening of its last weights. scripts/fixtureRun.mjs. */
export const fixtureRun = JSON.parse(
  readFileSync(new URL('../fixtures/run.json', import.meta.url), 'utf8'),
) as Pick<EvmProof, 'run' | 'lastShard' | 'genesis'> & { opening: CheckpointOpening };

/** What an auditor who trusts the fixtures' verifier for this run's windows pins. */
export const fixturePin = verifierPin({ codeHash: verifierCodeHash, windowKey: fixtureRun.run.keys.window });

/** A file for chains of that run: aggregate 0 or 1, or another statement about it. */
export function evmProofOf(name: string): EvmProof {
  return {
    format: 'proof-of-training/evm-proof',
    version: FORMAT_VERSION,
    run: fixtureRun.run,
    lastShard: fixtureRun.lastShard,
    genesis: fixtureRun.genesis,
    verifier: { bytecode: fixtures.verifier.bytecode, windowsPerProof: 4, codeHash: verifierCodeHash },
    calldata: calldataOf(`run/${name}`),
  };
}
