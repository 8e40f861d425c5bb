import { readProofFile, result, say } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { type AnchorSummary, anchorFile } from '../anchoring/anchorFile.js';
import { BlockchainClient } from '../client/blockchainClient.js';
import { signerFromEnvironment } from '../keys/signer.js';
import { type EvmProof, parseEvmProof } from '../proofFile/evmProof.js';
import { type ChainFlags, chainOptions, connectBy, registryTrust } from './chainOptions.js';
import { whole } from './values.js';

interface Flags extends ChainFlags {
  confirmations: number;
}

/** `pot anchor FILE`: registers the run where needed, and anchors the aggregate in the file. */
export function anchorCommand(program: Command): void {
  const command = program
    .command('anchor')
    .description(
      'anchor an aggregate on a chain (key: POT_PRIVATE_KEY, or POT_KEYSTORE and POT_KEYSTORE_PASSWORD)',
    )
    .argument('<file>', 'aggregate in the form for chains (proof-of-training/evm-proof)')
    .option('--confirmations <number>', 'blocks until it counts', whole('--confirmations', 1), 1);
  chainOptions(command).action(async (path: string, flags: Flags) => {
    const file = parseEvmProof(await readProofFile(path));
    const summary = await anchor(file, flags);
    result(summary, summaryLines(summary), flags.json ?? false);
  });
}

async function anchor(file: EvmProof, flags: Flags): Promise<AnchorSummary> {
  const trust = registryTrust(flags);
  const connection = await connectBy(flags);
  try {
    const signer = await signerFromEnvironment(connection.provider);
    const options = {
      connection,
      signer,
      confirmations: flags.confirmations,
      ...(flags.verifierCode && { trustedVerifiers: flags.verifierCode }),
      ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
    };
    const client = flags.registry
      ? await BlockchainClient.open({ ...options, ...trust, registry: flags.registry })
      : await BlockchainClient.deploy(options);
    say(`registry ${client.registry.address} on chain ${connection.chainId}, account ${signer.address}`);
    return await anchorFile(client, file, { signer, connection, onStep: say });
  } finally {
    connection.close();
  }
}

/** For people. */
export function summaryLines(s: AnchorSummary): string[] {
  return [
    ...Object.entries(s).map(([name, value]) => `${name.padEnd(18)} ${String(value)}`),
    s.already ? 'ANCHORED BEFORE: nothing was sent' : 'ANCHORED',
  ];
}
