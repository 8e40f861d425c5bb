#!/usr/bin/env node
/** `pnpm verify:onchain FILE`: a file for chains, from deployment to audit, on a fresh local chain or on a given one. */
import { readSrs } from '@proof-of-training/core';
import { readJsonFile, readProofFile, result, runProgram, say } from '@proof-of-training/core/cli';
import { Command } from 'commander';
import { loadProver } from 'halo2-wasm';
import { anvilAccount, startAnvil } from '../anvil/index.js';
import { connect } from '../client/connect.js';
import { parseEvmProof } from '../file/evmProof.js';
import { type OnchainResult, verifyOnchain } from '../flow/verifyOnchain.js';
import { signerFromEnvironment } from '../keys/signer.js';
import { type ChainFlags, chainOptions, connectBy } from './chainOptions.js';
import { json, reportLines } from './checkChain.js';

interface Flags extends ChainFlags {
  opening?: string;
  srs?: string;
}

const program = chainOptions(
  new Command('verify:onchain')
    .description('anchor, read back and audit a file, on a fresh Anvil unless --rpc names a chain')
    .argument('<file>', 'aggregate in the form for chains (proof-of-training/evm-proof)')
    .option('--opening <file>', 'opening of the last weights: the model is compared with the chain')
    .option('--srs <file>', 'the reference string that you trust'),
)
  .exitOverride((e) => process.exit(e.exitCode === 0 ? 0 : 2))
  .action(async (path: string, flags: Flags) => {
    const found = await run(path, flags);
    result({ ...found, audit: json(found.audit) }, lines(found), flags.json ?? false);
    if (!found.audit.report.ok) process.exitCode = 1;
  });

async function run(path: string, flags: Flags): Promise<OnchainResult> {
  const file = parseEvmProof(await readProofFile(path));
  const anvil = flags.rpc ? undefined : await startAnvil();
  const connection = anvil
    ? await connect({ url: anvil.url, chainId: anvil.chainId })
    : await connectBy(flags);
  try {
    return await verifyOnchain(file, {
      connection,
      signer: anvil ? anvilAccount(0, connection.provider) : await signerFromEnvironment(connection.provider),
      onStep: say,
      ...(flags.opening && { opening: await readJsonFile(flags.opening) }),
      ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
      ...(flags.srs && { srs: (await readSrs(await loadProver(), flags.srs)).bytes }),
    });
  } finally {
    connection.close();
    await anvil?.stop();
  }
}

function lines({ anchored, audit, refused }: OnchainResult): string[] {
  return [
    `anchor ${anchored.anchor}: steps ${anchored.firstStep} to ${anchored.endStep - 1}, block ${anchored.blockNumber}`,
    anchored.gas === undefined
      ? 'gas: none, it was anchored before'
      : `gas ${anchored.gas}: ${anchored.calldataGas} for ${anchored.calldataBytes} bytes of statement and proof, ${
          anchored.gas - anchored.calldataGas
        } for the rest`,
    ...refused.map(({ what, code }) => `refused: ${what} [${code}]`),
    ...reportLines(audit),
  ];
}

runProgram(program);
