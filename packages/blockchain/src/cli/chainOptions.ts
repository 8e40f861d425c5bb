import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import type { Command } from 'commander';
import { verifierPin } from '../audit/pin.js';
import { type Connection, connect } from '../client/connect.js';
import type { RegistryTrust } from '../client/origin.js';
import { address, text, whole } from './values.js';

/** Options that every command for a chain has. */
export interface ChainFlags {
  rpc?: string;
  chainId?: number;
  registry?: string;
  registryCreation?: string;
  trustRegistryStorage?: boolean;
  verifierCode?: string[];
  allowDevelopmentSrs?: boolean;
  json?: boolean;
}

export function chainOptions(command: Command): Command {
  return command
    .option('--rpc <url>', 'RPC server; default: POT_RPC_URL', text('--rpc'))
    .option('--chain-id <number>', 'the chain that you mean; default: POT_CHAIN_ID', whole('--chain-id', 1))
    .option(
      '--registry <address>',
      'the registry; default: the address that follows from its code',
      address('--registry'),
    )
    .option(
      '--registry-creation <hash>',
      'the transaction that created the registry, where its address does not follow from its code',
      (hash: string) => parsePin('--registry-creation', hash),
    )
    .option(
      '--trust-registry-storage',
      'accept a registry into which its creator may have written ANY runs: you believe him, nothing is proven',
    )
    .option(
      '--verifier-code <hash...>',
      'code hashes of the verifiers that you trust',
      pins('--verifier-code'),
    )
    .option('--allow-development-srs', 'accept verifiers and proofs of the INSECURE development SRS')
    .option('--json', 'print JSON');
}

/** What an auditor pins: {@link pinsOf}. */
export interface PinFlags {
  pin?: string[];
  windowKey?: string;
}

export function pinOptions(command: Command): Command {
  return command
    .option(
      '--pin <hash...>',
      'verifiers and window keys that you trust, one hash of both (verifierPin)',
      pins('--pin'),
    )
    .option('--window-key <digest>', "the windows' verifying key, with --verifier-code", (digest: string) =>
      parsePin('--window-key', digest),
    );
}

function pins(name: string): (hash: string, before?: string[]) => string[] {
  return (hash, before = []) => [...before, parsePin(name, hash)];
}

/**
 * The pins of an auditor's command line; undefined where there are none. Errors: `CHAIN_PINS` where they are given in a way that does not
 * pin both, the verifier's code and the windows' key.
 */
export function pinsOf({ pin, windowKey, verifierCode }: PinFlags & ChainFlags): string[] | undefined {
  const refuse = (what: string) => {
    throw new PotError('CHAIN_PINS', what, {
      hint: 'Give --pin, or one --verifier-code with its --window-key.',
    });
  };
  if (pin) {
    if (windowKey !== undefined || verifierCode) {
      refuse('--pin stands for --verifier-code and --window-key: give one or the others');
    }
    return pin;
  }
  if (!verifierCode && windowKey === undefined) return undefined;
  if (!verifierCode) return refuse("--window-key does not say which verifier's code you trust");
  if (windowKey === undefined) return refuse('--verifier-code alone does not say whose windows it takes');
  if (verifierCode.length > 1) return refuse('several --verifier-code with one --window-key are no pairs');
  return [verifierPin({ codeHash: verifierCode[0]!, windowKey })];
}

/** What the flags say of how the registry came to be. Errors: `CHAIN_OPTIONS`. */
export function registryTrust({
  registry,
  registryCreation,
  trustRegistryStorage,
}: ChainFlags): RegistryTrust {
  if (registry === undefined && (registryCreation !== undefined || trustRegistryStorage)) {
    throw new PotError('CHAIN_OPTIONS', 'no registry is named that this could be about', {
      hint: 'Give --registry ADDRESS too. The default one needs no trust: its address follows from its code.',
    });
  }
  return {
    ...(registryCreation !== undefined && { registryCreation }),
    ...(trustRegistryStorage && { trustRegistryStorage }),
  };
}

/** Errors: `CHAIN_OPTIONS`; those of `connect`. */
export function connectBy(flags: ChainFlags, env: NodeJS.ProcessEnv = process.env): Promise<Connection> {
  const url = flags.rpc ?? env.POT_RPC_URL;
  const chainId = flags.chainId ?? Number(env.POT_CHAIN_ID);
  if (!url || !Number.isSafeInteger(chainId) || chainId <= 0) {
    throw new PotError('CHAIN_OPTIONS', 'no chain is named', {
      hint: 'Give --rpc URL and --chain-id N, or POT_RPC_URL and POT_CHAIN_ID. A local chain: pot chain up.',
    });
  }
  return connect({ url, chainId });
}
