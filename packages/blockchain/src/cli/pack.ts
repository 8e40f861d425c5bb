import { readFile } from 'node:fs/promises';
import { parseAggregate } from '@proof-of-training/core';
import { readJsonFile, readProofFile, say } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/halo2-wasm';
import { writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { Command } from 'commander';
import { compiledVerifier } from '../contracts/compiled.js';
import { packEvmProof } from '../proofFile/pack.js';
import { path as pathOf } from './values.js';

/** `pot chain pack AGGREGATE`: the wrapper's proof and contract with the aggregate in one file. */
export function packCommand(chain: Command): void {
  chain
    .command('pack')
    .description('put an aggregate, its wrapper proof and the verifier contract into one file for chains')
    .argument('<aggregate>', 'aggregate')
    .requiredOption('--wrapped <file>', "the wrapper's proof: JSON with `calldata`", pathOf('--wrapped'))
    .requiredOption(
      '--contract <file>',
      'Solidity text of the verifier, as it was generated',
      pathOf('--contract'),
    )
    .requiredOption('-o, --out <file>', 'file to write', pathOf('--out'))
    .action(async (path: string, flags: { wrapped: string; contract: string; out: string }) => {
      const aggregate = parseAggregate(await readProofFile(path));
      const calldata = calldataOf(await readJsonFile(flags.wrapped));
      if (calldata === undefined) {
        throw new PotError('EVM_PROOF_STATEMENT', `${flags.wrapped} has no calldata`);
      }
      const text = await readFile(flags.contract, 'utf8').catch((cause) => {
        throw new PotError('FILE_READ', `${flags.contract} cannot be read`, { cause });
      });
      const file = packEvmProof(aggregate, calldata, await compiledVerifier(text));
      await writeFileAtomic(flags.out, `${JSON.stringify(file)}\n`);
      say(`${flags.out}: verifier code ${file.verifier.codeHash}`);
    });
}

function calldataOf(wrapped: unknown): string | undefined {
  const calldata = (wrapped as { calldata?: unknown } | null)?.calldata;
  return typeof calldata === 'string' ? calldata : undefined;
}
