import { PotError } from '@proof-of-training/halo2-wasm';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { FetchRequest, JsonRpcProvider, Network } from 'ethers';
import { z } from 'zod';
import { chainError, isTransient } from '../contracts/errors.js';
import * as chainKinds from '../kinds.js';

export interface ConnectOptions {
  url: string;
  /** The chain that you mean: what is signed is signed for this one, whatever the server says. */
  chainId: number;
  /** Milliseconds that one request may take; default 15,000. */
  timeoutMs?: number;
  /** Attempts at a request that fails on the way; default 4. */
  attempts?: number;
}

const connectOptions = z.object({
  url: kinds.text,
  chainId: chainKinds.chainId,
  timeoutMs: kinds.positive.optional(),
  attempts: kinds.whole(1).optional(),
} satisfies ShapeFor<ConnectOptions>);

/** A connection whose chain id was compared. */
export interface Connection {
  provider: JsonRpcProvider;
  chainId: number;
  /** Runs a read, again where it failed on the way; errors are {@link chainError}'s. */
  read<T>(call: () => Promise<T>): Promise<T>;
  /** Errors: `CHAIN_ID_MISMATCH` where the server is, or says to be, another chain. */
  checkChain(): Promise<void>;
  close(): void;
}

/**
 * Connects to a chain by HTTP. Errors: `OPTION_*`, `CHAIN_ID_MISMATCH`, `CHAIN_TIMEOUT`, `CHAIN_UNREACHABLE`.
 *
 * @example
 * const connection = await connect({ url: 'http://127.0.0.1:8545', chainId: 31337 });
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { url, chainId, timeoutMs = 15_000, attempts = 4 } = checkOptions(connectOptions, options, 'connect');
  const request = new FetchRequest(url);
  request.timeout = timeoutMs;
  request.setThrottleParams({ maxAttempts: 2 });
  // A pinned network and no batches: each request succeeds or fails for itself, and no cached answer hides a
  // reorganisation.
  const provider = new JsonRpcProvider(request, Network.from(chainId), {
    staticNetwork: true,
    batchMaxCount: 1,
    cacheTimeout: -1,
  });
  const read = <T>(call: () => Promise<T>) => retry(call, attempts);
  const checkChain = async () => {
    const said = BigInt(await read(() => provider.send('eth_chainId', [])));
    if (said === BigInt(chainId)) return;
    throw new PotError('CHAIN_ID_MISMATCH', `the RPC server is on chain ${said}, not on chain ${chainId}`, {
      details: { expected: chainId, found: String(said) },
      hint: 'Nothing was sent. Use another server, or say that you mean this chain.',
    });
  };
  try {
    await checkChain();
  } catch (e) {
    provider.destroy();
    throw e;
  }
  return { provider, chainId, read, checkChain, close: () => provider.destroy() };
}

async function retry<T>(call: () => Promise<T>, attempts: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (e) {
      const error = chainError(e);
      if (attempt >= attempts || !isTransient(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
    }
  }
}
