import { readSrs } from '@proof-of-training/core';
import { readJsonFile, readProofFile, result } from '@proof-of-training/core/cli';
import { loadProver } from '@proof-of-training/halo2-wasm';
import type { Command } from 'commander';
import { AUDIT_CONFIRMATIONS, type ChainReport, checkChain } from '../audit/checkChain.js';
import { BlockchainClient } from '../client/blockchainClient.js';
import { registryArtifact } from '../contracts/artifact.js';
import { deploymentAddress } from '../contracts/deploy.js';
import { parseEvmProof } from '../proofFile/evmProof.js';
import {
  type ChainFlags,
  chainOptions,
  connectBy,
  type PinFlags,
  pinOptions,
  pinsOf,
  registryTrust,
} from './chainOptions.js';
import { auditLines } from './reportLines.js';
import { address, oneOf, path as pathOf, whole } from './values.js';

interface Flags extends ChainFlags, PinFlags {
  confirmations: number;
  owner?: string;
  opening?: string;
  srs?: string;
  start?: 'seed' | 'given';
  requireBeacon?: boolean;
}

/** `pot check-chain FILE`: exit code 0 only where everything on the chain fits. */
export function checkChainCommand(program: Command): void {
  const command = program
    .command('check-chain')
    .description('audit a run on a chain: what the contract holds, and what it cannot check (sends nothing)')
    .argument('<file>', 'aggregate in the form for chains; of its verifier nothing is believed')
    .option('--owner <address>', 'the account that must have registered the run', address('--owner'))
    .option(
      '--confirmations <number>',
      'blocks that the last anchor must have, its own included',
      whole('--confirmations', 1),
      AUDIT_CONFIRMATIONS,
    )
    .option(
      '--opening <file>',
      'opening of the last weights: the model is compared with the chain',
      pathOf('--opening'),
    )
    .option('--srs <file>', 'the SRS that you trust', pathOf('--srs'))
    .option(
      '--start <kind>',
      'where the first weights must come from: seed (the public one) or given (by who trained)',
      oneOf('--start', ['seed', 'given']),
    )
    .option(
      '--require-beacon',
      'refuse a run whose order does not come from a block of this chain, after an announcement in the registry',
    );
  chainOptions(pinOptions(command)).action(async (path: string, flags: Flags) => {
    const found = await check(path, flags);
    result(json(found), auditLines(found), flags.json ?? false);
    if (!found.report.ok) process.exitCode = 1;
  });
}

async function check(path: string, flags: Flags): Promise<ChainReport> {
  const pins = pinsOf(flags);
  const trust = registryTrust(flags);
  const file = parseEvmProof(await readProofFile(path));
  const connection = await connectBy(flags);
  try {
    const client = await BlockchainClient.open({
      connection,
      registry: flags.registry ?? deploymentAddress(registryArtifact.bytecode),
      ...trust,
      ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
    });
    return await checkChain(client, file, {
      confirmations: flags.confirmations,
      ...(pins && { pins }),
      ...(flags.owner && { owner: flags.owner }),
      ...(flags.start && { start: flags.start }),
      ...(flags.requireBeacon && { requireBeacon: true }),
      ...(flags.opening && { opening: await readJsonFile(flags.opening) }),
      ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
      ...(flags.srs && { srs: (await readSrs(await loadProver(), flags.srs)).bytes }),
    });
  } finally {
    connection.close();
  }
}

/** JSON has no large integers. */
export function json({ report, registry, run, anchors, verifier, facts }: ChainReport): object {
  return {
    ...report,
    registry,
    ...(run && { run: { ...run, eta: String(run.eta) } }),
    anchors,
    verifier,
    facts,
  };
}
