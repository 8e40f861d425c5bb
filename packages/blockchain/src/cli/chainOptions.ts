import type { Command } from 'commander';
import { PotError } from 'halo2-wasm';
import { type Connection, connect } from '../client/connect.js';

/** Options that every command for a chain has. */
export interface ChainFlags {
  rpc?: string;
  chainId?: number;
  registry?: string;
  verifierCode?: string[];
  allowDevelopmentSrs?: boolean;
  json?: boolean;
}

export function chainOptions(command: Command): Command {
  return command
    .option('--rpc <url>', 'RPC server; default: POT_RPC_URL')
    .option('--chain-id <number>', 'the chain that you mean; default: POT_CHAIN_ID', Number)
    .option('--registry <address>', 'the registry; default: the address that follows from its code')
    .option('--verifier-code <hash...>', 'code hashes of the verifiers that you trust')
    .option('--allow-development-srs', 'accept verifiers and proofs of the INSECURE development string')
    .option('--json', 'print JSON');
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
