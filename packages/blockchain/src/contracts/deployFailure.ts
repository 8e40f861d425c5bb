import { PotError } from '@proof-of-training/halo2-wasm';
import {
  dataLength,
  getBytes,
  type JsonRpcApiProvider,
  type Provider,
  type TransactionReceipt,
} from 'ethers';
import { chainError } from './errors.js';

/** What chains with Ethereum's rules take: bytes of a contract's code (EIP-170), and of its creation code (EIP-3860). */
export const CODE_LIMITS = { code: 24_576, creation: 49_152 } as const;
/** An address without code, at which a constructor is carried out to see what it leaves. */
const NOWHERE = '0x00000000000000000000000000000000000c0de5';

/** A deployment that failed. */
export interface FailedDeployment {
  /** The account that pays. */
  from: string;
  /** Creation code, 0x hex. */
  bytecode: string;
  /** Everything that the transaction carries, 0x hex. */
  data: string;
  /** What was thrown; absent where the transaction was carried out and left no code. */
  cause?: unknown;
  receipt?: TransactionReceipt | null;
}

/**
 * Why a deployment failed, from the chain itself: servers say little, and each says it in its own words.
 *
 * @returns `CHAIN_FUNDS`, `CHAIN_GAS_LIMIT`, `CHAIN_CODE_SIZE`, `CHAIN_OUT_OF_GAS`, another error of the connection, else `CHAIN_DEPLOY_FAILED`
 */
export async function deployFailure(provider: Provider, failed: FailedDeployment): Promise<PotError> {
  const { bytecode, cause } = failed;
  const said = cause === undefined ? undefined : chainError(cause);
  if (said && !['CHAIN_REVERTED', 'CHAIN_FAILED', 'CHAIN_FUNDS'].includes(said.code)) return said;
  try {
    const code = await codeLeft(provider, bytecode);
    const gas = leastGas(failed, typeof code === 'number' ? code : 0);
    return (
      (await fundsOf(provider, failed.from, gas, said)) ??
      (await gasLimitOf(provider, gas)) ??
      sizeOf(code, dataLength(bytecode)) ??
      outOfGas(failed) ??
      refused(code, said)
    );
  } catch (e) {
    // Asking for the reason failed too: what was said first is left.
    return said ?? chainError(e);
  }
}

/**
 * Bytes of code that a creation code leaves; `reverts` where its constructor does; undefined where the server cannot try. It is
 * carried out as the code of an address, since a creation would be refused for its size.
 */
async function codeLeft(provider: Provider, bytecode: string): Promise<number | 'reverts' | undefined> {
  const call = [{ to: NOWHERE, data: '0x' }, 'latest', { [NOWHERE]: { code: bytecode } }];
  try {
    return dataLength(await (provider as JsonRpcApiProvider).send('eth_call', call));
  } catch (e) {
    return chainError(e).code === 'CHAIN_REVERTED' ? 'reverts' : undefined;
  }
}

/** Gas that the transaction takes at the very least: for itself, its data, the creation, and the code that is left. */
function leastGas({ bytecode, data }: FailedDeployment, code: number): bigint {
  const words = Math.ceil(dataLength(bytecode) / 32);
  const carried = getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
  return BigInt(21_000 + carried + 32_000 + 2 * words + 200 * code);
}

async function fundsOf(
  provider: Provider,
  from: string,
  gas: bigint,
  said: PotError | undefined,
): Promise<PotError | undefined> {
  const { maxFeePerGas, gasPrice } = await provider.getFeeData();
  const balance = await provider.getBalance(from);
  const needed = gas * (maxFeePerGas ?? gasPrice ?? 0n);
  if (balance >= needed && said?.code !== 'CHAIN_FUNDS') return undefined;
  return new PotError('CHAIN_FUNDS', `the account ${from} cannot pay for the deployment`, {
    details: { account: from, balanceWei: String(balance), neededWei: String(needed) },
    hint: `It has ${balance} wei; the deployment takes ${needed} wei or more at today's price. Send it some, or use another account.`,
  });
}

async function gasLimitOf(provider: Provider, gas: bigint): Promise<PotError | undefined> {
  const block = await provider.getBlock('latest');
  if (!block || gas <= block.gasLimit) return undefined;
  return new PotError('CHAIN_GAS_LIMIT', "the deployment takes more gas than one of the chain's blocks has", {
    details: { neededGas: String(gas), blockGasLimit: String(block.gasLimit) },
    hint: `It takes ${gas} or more, a block has ${block.gasLimit}. This chain cannot have the contract: use another one.`,
  });
}

function sizeOf(code: number | 'reverts' | undefined, creation: number): PotError | undefined {
  const tooLarge = (what: string, size: number, limit: number) =>
    new PotError(
      'CHAIN_CODE_SIZE',
      `the ${what} is too large for a chain: ${size} bytes, ${limit} are allowed`,
      {
        details: { what, size, limit },
        hint: 'A wrapper with more rows has fewer columns and a smaller contract; some chains allow larger ones.',
      },
    );
  if (creation > CODE_LIMITS.creation) return tooLarge('creation code', creation, CODE_LIMITS.creation);
  if (typeof code === 'number' && code > CODE_LIMITS.code)
    return tooLarge("contract's code", code, CODE_LIMITS.code);
  return undefined;
}

function outOfGas({ receipt }: FailedDeployment): PotError | undefined {
  if (receipt?.status !== 0) return undefined;
  return new PotError(
    'CHAIN_OUT_OF_GAS',
    'the deployment was carried out and failed: out of gas, most likely',
    {
      details: { transaction: receipt.hash, gasUsed: String(receipt.gasUsed) },
      hint: 'Its estimate was of another state of the chain, or of a server that is wrong. Try again.',
    },
  );
}

function refused(code: number | 'reverts' | undefined, said: PotError | undefined): PotError {
  const why =
    code === 'reverts' ? ': its constructor reverts' : code === 0 ? ': its constructor leaves no code' : '';
  return new PotError('CHAIN_DEPLOY_FAILED', `the contract was not deployed${why}`, {
    details: {
      ...(typeof code === 'number' && { size: code }),
      ...(said && { said: said.details.said ?? said.shortMessage }),
    },
    ...(said && { cause: said }),
  });
}
