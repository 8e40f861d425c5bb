import { createServer } from 'node:net';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import * as chainKinds from '../kinds.js';
import { AnvilProcess } from './anvilProcess.js';
import { anvilBinary } from './binary.js';

export interface AnvilOptions {
  /** Default: a free port. */
  port?: number;
  chainId?: number;
  /** Seconds between blocks; default: a block for each transaction. */
  blockTime?: number;
  /** Mine only when asked (`evm_mine`). */
  noMining?: boolean;
  /** Default: 10 accounts of Anvil's public test mnemonic. **Their keys are known to everyone.** */
  accounts?: number;
  /** Milliseconds until the chain must answer; default 20,000. */
  startTimeoutMs?: number;
  /** Arguments that are passed on as they are; none that keeps Anvil from saying where it listens (`--silent`, `--json`). */
  args?: readonly string[];
}

const anvilOptions = z.object({
  port: kinds.whole(1, 65_535).optional(),
  chainId: chainKinds.chainId.optional(),
  blockTime: kinds.positive.optional(),
  noMining: kinds.flag.optional(),
  accounts: kinds.whole(1, 1000).optional(),
  startTimeoutMs: kinds.positive.optional(),
  args: kinds.list.optional(),
} satisfies ShapeFor<AnvilOptions>);

/** A running local chain. */
export interface Anvil {
  url: string;
  port: number;
  chainId: number;
  pid: number;
  /** Ends the chain and waits until its process is gone. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts Anvil on 127.0.0.1 and waits until it answers. The process ends with this one, also where nobody stops it.
 *
 * The chain that answers is the one that was started, never another that was there before: Anvil itself must say that it listens,
 * and the system lets one process alone listen on a port.
 *
 * Errors: `OPTION_*`; `ANVIL_MISSING`; `ANVIL_PORT_TAKEN` where something else has the port; `ANVIL_START`, with what Anvil said.
 *
 * @example
 * const anvil = await startAnvil({ chainId: 31337 });
 * const connection = await connect({ url: anvil.url, chainId: anvil.chainId });
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  checkOptions(anvilOptions, options, 'startAnvil');
  const chainId = options.chainId ?? 31337;
  const node = new AnvilProcess(anvilBinary(), argumentsOf(options, chainId), options.port);
  const deadline = Date.now() + (options.startTimeoutMs ?? 20_000);
  const port = await node.listening(deadline);
  const url = `http://127.0.0.1:${port}`;
  while (node.alive && Date.now() <= deadline) {
    if ((await answer(url, 'eth_chainId')) === `0x${chainId.toString(16)}`) {
      // It would write a line for each request.
      await answer(url, 'anvil_setLoggingEnabled', false);
      return { url, port, chainId, pid: node.pid, stop: () => node.stop() };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw await node.failed(`Anvil listens on port ${port} and does not answer as chain ${chainId}`);
}

function argumentsOf(options: AnvilOptions, chainId: number): string[] {
  const { port = 0, blockTime, noMining, accounts, args = [] } = options;
  const all = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId)];
  if (blockTime !== undefined) all.push('--block-time', String(blockTime));
  if (noMining) all.push('--no-mining');
  if (accounts !== undefined) all.push('--accounts', String(accounts));
  return [...all, ...args];
}

/** What the chain at `url` answers; undefined where nothing does. */
async function answer(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(2000),
    });
    return ((await response.json()) as { result?: unknown }).result;
  } catch {
    return undefined;
  }
}

/**
 * A port that nothing listens on now.
 *
 * @example
 * const anvil = await startAnvil({ port: await freePort() });
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
