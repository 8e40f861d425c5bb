import { result } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { EvaluationDraws } from '../draws/client.js';
import { signerFromEnvironment } from '../keys/signer.js';
import { type ChainFlags, connectBy } from './chainOptions.js';
import { text, whole } from './values.js';

export type DrawFlags = Pick<ChainFlags, 'rpc' | 'chainId' | 'json'>;

export interface SendFlags extends DrawFlags {
  confirmations: number;
}

/** Options of every command that asks a chain. */
export function drawOptions(command: Command): Command {
  return command
    .option('--rpc <url>', 'RPC server; default: POT_RPC_URL', text('--rpc'))
    .option('--chain-id <number>', 'the chain that you mean; default: POT_CHAIN_ID', whole('--chain-id', 1))
    .option('--json', 'print JSON');
}

/** Of those that send. */
export function sendOptions(command: Command): Command {
  return drawOptions(command).option(
    '--confirmations <number>',
    'blocks until it counts',
    whole('--confirmations', 1),
    1,
  );
}

/** With the account of the environment, on a chain that has the contract after it. */
export async function sending(
  flags: SendFlags,
  work: (draws: EvaluationDraws) => Promise<void>,
): Promise<void> {
  const connection = await connectBy(flags);
  try {
    const signer = await signerFromEnvironment(connection.provider);
    await work(await EvaluationDraws.deploy({ connection, signer, confirmations: flags.confirmations }));
  } finally {
    connection.close();
  }
}

/** Without an account. */
export async function reading(
  flags: DrawFlags,
  work: (draws: EvaluationDraws) => Promise<void>,
): Promise<void> {
  const connection = await connectBy(flags);
  try {
    await work(await EvaluationDraws.open({ connection }));
  } finally {
    connection.close();
  }
}

/** A command's result, for people or as JSON. */
export function print(value: Record<string, unknown>, { json }: { json?: boolean }): void {
  const lines = Object.entries(value).map(([name, v]) => `${name.padEnd(16)} ${[v].flat().join(' ')}`);
  result(value, lines, json ?? false);
}
