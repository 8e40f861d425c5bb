import { readSrs } from '@proof-of-training/core';
import { readJsonFile, readProofFile, result } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { loadProver } from 'halo2-wasm';
import { type ChainReport, checkChain } from '../audit/checkChain.js';
import { BlockchainClient } from '../client/blockchainClient.js';
import { registryArtifact } from '../contracts/artifact.js';
import { deploymentAddress } from '../contracts/deploy.js';
import { parseEvmProof } from '../file/evmProof.js';
import { type ChainFlags, chainOptions, connectBy } from './chainOptions.js';

interface Flags extends ChainFlags {
  owner?: string;
  opening?: string;
  srs?: string;
}

/** `pot check-chain FILE`: exit code 0 only where everything on the chain fits. */
export function checkChainCommand(program: Command): void {
  const command = program
    .command('check-chain')
    .description('audit a run on a chain: what the contract holds, and what it cannot check (sends nothing)')
    .argument('<file>', 'aggregate in the form for chains; of it only the description of the run is used')
    .option('--owner <address>', 'the account that must have registered the run')
    .option('--opening <file>', 'opening of the last weights: the model is compared with the chain')
    .option('--srs <file>', 'the reference string that you trust');
  chainOptions(command).action(async (path: string, flags: Flags) => {
    const found = await check(path, flags);
    result(json(found), reportLines(found), flags.json ?? false);
    if (!found.report.ok) process.exitCode = 1;
  });
}

async function check(path: string, flags: Flags): Promise<ChainReport> {
  const file = parseEvmProof(await readProofFile(path));
  const connection = await connectBy(flags);
  try {
    const client = await BlockchainClient.open({
      connection,
      registry: flags.registry ?? deploymentAddress(registryArtifact.bytecode),
      ...(flags.verifierCode && { trustedVerifiers: flags.verifierCode }),
      ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
    });
    return await checkChain(client, file, {
      ...(flags.owner && { owner: flags.owner }),
      ...(flags.opening && { opening: await readJsonFile(flags.opening) }),
      ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
      ...(flags.srs && { srs: (await readSrs(await loadProver(), flags.srs)).bytes }),
    });
  } finally {
    connection.close();
  }
}

/** For people. */
export function reportLines({ report }: ChainReport): string[] {
  const out = report.checks.map(
    (c) => `${c.ok ? 'ok  ' : 'FAIL'}  ${c.name}: ${c.detail}${c.code ? ` [${c.code}]` : ''}`,
  );
  out.push(report.ok ? 'THE CHAIN FITS' : `REFUSED: ${report.failure?.message} [${report.failure?.code}]`);
  if (report.ok && report.developmentSrs) {
    out.push('Made with the INSECURE development string: convincing to nobody but yourself.');
  }
  return out;
}

/** JSON has no large integers. */
export function json({ report, run, anchors, verifier }: ChainReport): object {
  return { ...report, ...(run && { run: { ...run, eta: String(run.eta) } }), anchors, verifier };
}
