import { readFile } from 'node:fs/promises';
import { result } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/halo2-wasm';
import type { Command } from 'commander';
import { LogAnchors, type RootAnchor } from '../client/logAnchors.js';
import { registryArtifact } from '../contracts/artifact.js';
import { deploymentAddress } from '../contracts/deploy.js';
import { signerFromEnvironment } from '../keys/signer.js';
import { type ChainFlags, chainOptions, connectBy, registryTrust } from './chainOptions.js';
import { whole } from './values.js';

interface Flags extends ChainFlags {
  confirmations: number;
}

/** `pot chain anchor-log` and `pot chain check-log`: the root of a log of events on a chain. */
export function logAnchorCommands(chain: Command): void {
  const anchor = chain
    .command('anchor-log')
    .description("have the root of a log of events on a chain (key: as pot anchor's)")
    .argument('<checkpoint>', "file named checkpoint in the log's root")
    .option('--confirmations <number>', 'blocks until it counts', whole('--confirmations', 1), 1);
  chainOptions(anchor).action(async (path: string, flags: Flags) => {
    const found = await withAnchors(flags, true, async (anchors) =>
      anchors.anchorCheckpoint(await read(path), { confirmations: flags.confirmations }),
    );
    result(found, [...lines(found), 'ANCHORED'], flags.json ?? false);
  });
  const check = chain
    .command('check-log')
    .description('say since when a chain has the root of a log of events; exit code 1 where it has not')
    .argument('<checkpoint>', 'signed checkpoint of the log')
    .option('--confirmations <number>', 'blocks until it counts', whole('--confirmations', 1), 12);
  chainOptions(check).action(async (path: string, flags: Flags) => {
    const found = await withAnchors(flags, false, async (anchors) =>
      anchors.findCheckpoint(await read(path)),
    );
    const ok = found !== undefined && found.confirmations >= flags.confirmations;
    const verdict = ok ? 'ANCHORED' : found ? 'TOO YOUNG: a reorganisation may replace it' : 'NOT ANCHORED';
    result({ ok, ...found }, [...(found ? lines(found) : []), verdict], flags.json ?? false);
    if (!ok) process.exitCode = 1;
  });
}

async function withAnchors<T>(
  flags: Flags,
  writes: boolean,
  work: (anchors: LogAnchors) => Promise<T>,
): Promise<T> {
  const trust = registryTrust(flags);
  const connection = await connectBy(flags);
  try {
    const signer = writes ? await signerFromEnvironment(connection.provider) : undefined;
    if (signer && flags.registry === undefined)
      return await work(await LogAnchors.deploy({ connection, signer }));
    const registry = flags.registry ?? deploymentAddress(registryArtifact.bytecode);
    return await work(await LogAnchors.open({ connection, registry, ...trust, ...(signer && { signer }) }));
  } finally {
    connection.close();
  }
}

function lines({ chainId, registry, block, time, confirmations }: RootAnchor): string[] {
  return [
    `chain ${chainId}, block ${block} of ${time}, ${confirmations} confirmations`,
    `registry ${registry}`,
  ];
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
}
