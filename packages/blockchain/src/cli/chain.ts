import { say } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { startAnvil } from '../anvil/index.js';
import { logAnchorCommands } from './logAnchors.js';
import { packCommand } from './pack.js';
import { whole } from './values.js';
import { wrapCommand } from './wrap.js';

/** `pot chain up`: a local chain for experiments; `pot chain pack`. */
export function chainCommand(program: Command): void {
  const chain = program
    .command('chain')
    .description('a local chain for experiments (Anvil), and files for chains');
  packCommand(chain);
  wrapCommand(chain);
  logAnchorCommands(chain);
  chain
    .command('up')
    .description('start a local chain; it runs until it is interrupted')
    .option('--port <number>', 'port', whole('--port', 1, 65_535), 8545)
    .option('--chain-id <number>', 'chain id', whole('--chain-id', 1), 31337)
    .option(
      '--block-time <seconds>',
      'seconds between blocks; default: a block for each transaction',
      whole('--block-time', 1, 86_400),
    )
    .action(async ({ port, chainId, blockTime }: { port: number; chainId: number; blockTime?: number }) => {
      const anvil = await startAnvil({ port, chainId, ...(blockTime !== undefined && { blockTime }) });
      process.stdout.write(`${anvil.url}\n`);
      say(`Chain ${chainId}, process ${anvil.pid}. Nothing of it is kept. To use it:`);
      say(`  export POT_RPC_URL=${anvil.url} POT_CHAIN_ID=${chainId}`);
      say(
        "  export POT_PRIVATE_KEY=...   a key of Anvil's public test mnemonic (test test ... junk), for this chain only",
      );
      say('Ctrl-C ends it.');
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await anvil.stop();
    });
}
