import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { PotError } from 'halo2-wasm';
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
  /** Arguments that are passed on as they are. */
  args?: readonly string[];
}

/** A running local chain. */
export interface Anvil {
  url: string;
  port: number;
  chainId: number;
  pid: number;
  /** Ends the chain and waits until its process is gone. May be called twice. */
  stop(): Promise<void>;
}

const children = new Set<ChildProcess>();
let hooked = false;

/**
 * Starts Anvil on 127.0.0.1 and waits until it answers. The process ends with this one, also where nobody stops it.
 *
 * Errors: `ANVIL_MISSING`, `ANVIL_START`.
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const binary = anvilBinary();
  const attempts = options.port === undefined ? 3 : 1;
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(binary, options.port ?? (await freePort()), options);
    } catch (e) {
      // Someone else may have taken the port since it was free.
      if (attempt >= attempts) throw e;
    }
  }
}

async function startOn(binary: string, port: number, options: AnvilOptions): Promise<Anvil> {
  const chainId = options.chainId ?? 31337;
  const args = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId), '--silent'];
  if (options.blockTime !== undefined) args.push('--block-time', String(options.blockTime));
  if (options.noMining) args.push('--no-mining');
  if (options.accounts !== undefined) args.push('--accounts', String(options.accounts));
  const child = spawn(binary, [...args, ...(options.args ?? [])], { stdio: ['ignore', 'ignore', 'pipe'] });
  hook();
  children.add(child);
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-2000);
  });
  const gone = new Promise<void>((resolve) => {
    const ended = () => {
      children.delete(child);
      resolve();
    };
    child.once('exit', ended);
    child.once('error', (e) => {
      complaint = e.message;
      ended();
    });
  });
  const stop = async () => {
    if (!children.has(child)) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await gone;
    clearTimeout(timer);
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + (options.startTimeoutMs ?? 20_000);
  while (children.has(child)) {
    if ((await chainIdOf(url)) === chainId) return { url, port, chainId, pid: child.pid!, stop };
    if (Date.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new PotError('ANVIL_START', `Anvil did not start on port ${port}`, {
    details: { complaint: complaint.trim() },
  });
}

/** The chain id that answers at `url`; undefined where nothing does. */
async function chainIdOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
      signal: AbortSignal.timeout(2000),
    });
    return Number(((await response.json()) as { result: string }).result);
  } catch {
    return undefined;
  }
}

/** A port that nothing listens on now. */
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

/** Ends all chains with this process. */
function hook(): void {
  if (hooked) return;
  hooked = true;
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAll();
      // Whoever else listens decides how the process ends; alone, we do.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}
