import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import {
  BaseWallet,
  type Signer,
  Transaction,
  type TransactionReceipt,
  type TransactionRequest,
} from 'ethers';
import { chainError, isTransient } from '../contracts/errors.js';
import type { Connection } from './connect.js';
import type { EnsureOptions } from './options.js';

/** Something that the chain shall have, exactly once. */
export interface Goal<T> {
  /** What is wanted, for messages. */
  name: string;
  /** Looks for it on the chain. `blockNumber` is where it is; undefined where it is not there. Throws where it never can be. */
  find(): Promise<{ value: T; blockNumber: number } | undefined>;
  /** The transaction that brings it about. */
  transaction: { to: string; data: string };
}

/** What became of a {@link Goal}. */
export interface Ensured<T> {
  value: T;
  blockNumber: number;
  /** It was there before anything was sent. */
  already: boolean;
  /** Transactions that were sent: more than one only where one was lost, stuck or reorganised away. */
  sent: number;
  transactionHash?: string;
  gasUsed?: bigint;
}

interface Open {
  hash: string;
  /** The signed transaction, where the signer gives it: sent again as it is, it cannot be carried out twice. */
  raw: string | undefined;
  request: TransactionRequest;
  since: number;
  /** Looks at which it was carried out without a failure and its effect was not there. */
  mined: number;
}

/** Milliseconds between looks. */
export const POLL_MS = 1000;
/** So many such looks are no race with the server any more. */
const MAX_MINED_LOOKS = 20;
/** So many reads that revert without a reason are no server between two states any more. */
const MAX_BLIND_LOOKS = 20;

/** Sends what a {@link Goal} needs, through everything that can go wrong on the way. One for each signer. */
export class Ensurer {
  private queue: Promise<unknown> = Promise.resolve();
  /** Looks, one after the other, at which a read reverted without a reason. */
  private blind = 0;

  constructor(
    private readonly connection: Connection,
    private readonly signer: Signer,
  ) {}

  /** Address of the account. */
  address(): Promise<string> {
    return this.signer.getAddress();
  }

  /**
   * Brings the goal about and waits for its confirmations. The chain's state decides, not the transaction: what is there
   * already is not sent; what a reorganisation took away is sent again; an answer that got lost does no harm, since
   * the signed transaction's hash was known before it was sent, and it is sent again with the same nonce.
   *
   * `since` is when the deadline began to run, for who calls more than once under one.
   *
   * Errors: `REGISTRY_*` and `CHAIN_REVERTED` (decoded), `CHAIN_OUT_OF_GAS`, `CHAIN_ID_MISMATCH`, `CHAIN_FUNDS`, `CHAIN_NO_EFFECT`, `CHAIN_DEADLINE`; an
   * abort throws the signal's reason.
   */
  async ensure<T>(goal: Goal<T>, options: EnsureOptions = {}, since = Date.now()): Promise<Ensured<T>> {
    const { confirmations = 1, pollMs = POLL_MS, stuckMs = 90_000, deadlineMs = 900_000, signal } = options;
    const { provider, read } = this.connection;
    const deadline = since + deadlineMs;
    let open: Open | undefined;
    let sent = 0;
    for (;;) {
      signal?.throwIfAborted();
      if (Date.now() > deadline) {
        throw new PotError('CHAIN_DEADLINE', `${goal.name} took longer than ${deadlineMs} ms`, {
          details: { transaction: open?.hash },
          hint: 'Call again: what is on the chain by then is not sent a second time.',
        });
      }
      try {
        const found = await this.look(goal);
        if (found === 'moved') {
          // Look again.
        } else if (found) {
          const height = await read(() => provider.getBlockNumber());
          if (height - found.blockNumber + 1 >= confirmations) {
            return { ...found, already: sent === 0, sent, ...(await this.receiptOf(open)) };
          }
        } else if (!open) {
          open = await this.locked(() => this.send(goal));
          sent += open ? 1 : 0;
          if (open) continue;
        } else {
          const next = await this.follow(goal, open, stuckMs);
          if (next !== open) sent++;
          open = next;
        }
      } catch (e) {
        // Look again: whether it was carried out, the chain says. CHAIN_NONCE: someone else used the nonce.
        if (!isTransient(e) && !isPotError(e, 'CHAIN_NONCE')) throw e;
      }
      await pause(pollMs, signal);
    }
  }

  /**
   * Several reads make one look. Where a reorganisation comes between them, an anchor may be gone. The registry's reads revert with
   * its own errors or not at all: one that reverts without (seen of Anvil, while it rolled back) is of no state of the chain.
   */
  private async look<T>(goal: Goal<T>): Promise<{ value: T; blockNumber: number } | 'moved' | undefined> {
    try {
      const found = await goal.find();
      this.blind = 0;
      return found;
    } catch (e) {
      if (isPotError(e, 'REGISTRY_ANCHOR_UNKNOWN')) return 'moved';
      if (isPotError(e, 'CHAIN_REVERTED') && ++this.blind <= MAX_BLIND_LOOKS) return 'moved';
      throw e;
    }
  }

  /** What to do with a transaction whose effect is not on the chain: nothing yet, send it again, or give up. */
  private async follow<T>(goal: Goal<T>, open: Open, stuckMs: number): Promise<Open | undefined> {
    const { provider, read } = this.connection;
    const receipt = await read(() => provider.getTransactionReceipt(open.hash));
    if (receipt?.status === 0) {
      // It may have failed because somebody else brought the goal about, after the last look.
      if (await this.look(goal)) return open;
      throw await this.reasonOf(open, receipt);
    }
    if (receipt) {
      // Between two looks it was mined: the next look finds its effect.
      if (++open.mined <= MAX_MINED_LOOKS) return open;
      throw new PotError(
        'CHAIN_NO_EFFECT',
        'the transaction was carried out, and the registry does not show it',
        {
          details: { transaction: open.hash },
          hint: 'The RPC server gives answers that do not fit together: use another.',
        },
      );
    }
    if (await read(() => provider.getTransaction(open.hash))) {
      return Date.now() - open.since > stuckMs && open.raw ? this.locked(() => this.bump(open)) : open;
    }
    if (!open.raw) return undefined;
    try {
      await provider.broadcastTransaction(open.raw);
      return { ...open, since: Date.now() };
    } catch (e) {
      const error = chainError(e);
      // Known: it was there after all. Nonce used: by it, or by another one of this account, and then a new one is needed.
      if (/already known|already imported/i.test(String(error.details.said))) return open;
      if (error.code === 'CHAIN_NONCE')
        return (await read(() => provider.getTransactionReceipt(open.hash))) ? open : undefined;
      throw error;
    }
  }

  /** Sends it; undefined where it came about since the last look. */
  private async send<T>(goal: Goal<T>): Promise<Open | undefined> {
    const { connection, signer } = this;
    await connection.checkChain();
    const from = await signer.getAddress();
    const call = { ...goal.transaction, from };
    let gas: bigint;
    try {
      // Estimating carries the call out: what the registry would refuse is refused here, and costs nothing.
      gas = await connection.read(() => connection.provider.estimateGas(call));
    } catch (e) {
      if (await this.look(goal)) return undefined;
      throw e;
    }
    const nonce = await connection.read(() => connection.provider.getTransactionCount(from, 'pending'));
    const request = await connection.read(() =>
      signer.populateTransaction({
        ...goal.transaction,
        nonce,
        gasLimit: (gas * 11n) / 10n,
        chainId: connection.chainId,
      }),
    );
    return this.broadcast(request);
  }

  /** The same transaction with a higher fee and the same nonce: one of both is carried out. */
  private async bump(open: Open): Promise<Open> {
    const { request } = open;
    const higher = (fee: TransactionRequest['gasPrice']) => (BigInt(fee!) * 5n) / 4n + 1n;
    return this.broadcast(
      request.maxFeePerGas == null
        ? { ...request, gasPrice: higher(request.gasPrice) }
        : {
            ...request,
            maxFeePerGas: higher(request.maxFeePerGas),
            maxPriorityFeePerGas: higher(request.maxPriorityFeePerGas),
          },
    );
  }

  private async broadcast(request: TransactionRequest): Promise<Open> {
    const since = Date.now();
    if (!(this.signer instanceof BaseWallet)) {
      // A signer that sends for itself (a browser's wallet): the hash is known only with its answer.
      try {
        return {
          hash: (await this.signer.sendTransaction(request)).hash,
          raw: undefined,
          request,
          since,
          mined: 0,
        };
      } catch (e) {
        throw chainError(e);
      }
    }
    const raw = await this.signer.signTransaction(request);
    const hash = Transaction.from(raw).hash!;
    try {
      await this.connection.provider.broadcastTransaction(raw);
    } catch (e) {
      const error = chainError(e);
      if (!isTransient(error) && !/already known|already imported/i.test(String(error.details.said)))
        throw error;
    }
    return { hash, raw, request, since, mined: 0 };
  }

  /** Why a mined transaction failed: by carrying it out again on the state after its block, and on the one before. */
  private async reasonOf(open: Open, receipt: TransactionReceipt): Promise<PotError> {
    const { provider } = this.connection;
    const details = { transaction: receipt.hash, gasUsed: String(receipt.gasUsed) };
    const { to, data, from, gasLimit } = open.request;
    if (receipt.gasUsed >= (BigInt(gasLimit!) * 63n) / 64n) {
      return new PotError('CHAIN_OUT_OF_GAS', 'the transaction ran out of gas', {
        details,
        hint: 'The estimate was too low: of another state of the chain, or of a server that is wrong.',
      });
    }
    for (const blockTag of [receipt.blockNumber, receipt.blockNumber - 1]) {
      try {
        await provider.call({ to, data, from, blockTag } as TransactionRequest);
      } catch (e) {
        const error = chainError(e);
        if (error.code.startsWith('CHAIN_')) continue;
        return PotError.fromJSON({ ...error.toJSON(), details: { ...error.details, ...details } });
      }
    }
    return new PotError('CHAIN_REVERTED', 'the transaction failed', { details });
  }

  private async receiptOf(open: Open | undefined): Promise<{ transactionHash?: string; gasUsed?: bigint }> {
    if (!open) return {};
    const receipt = await this.connection.read(() =>
      this.connection.provider.getTransactionReceipt(open.hash),
    );
    return receipt ? { transactionHash: receipt.hash, gasUsed: receipt.gasUsed } : {};
  }

  /** One at a time: a nonce is chosen and used before the next is. */
  private locked<T>(work: () => Promise<T>): Promise<T> {
    const next = this.queue.then(work, work);
    this.queue = next.catch(() => {});
    return next;
  }
}

/** Waits; an abort throws the signal's reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    };
    const timer = setTimeout(done, ms);
    const aborted = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
