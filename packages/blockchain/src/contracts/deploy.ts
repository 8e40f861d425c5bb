import { PotError } from '@proof-of-training/halo2-wasm';
import {
  getCreate2Address,
  keccak256,
  type Provider,
  type Signer,
  type TransactionReceipt,
  type TransactionRequest,
  ZeroHash,
} from 'ethers';
import { deployFailure } from './deployFailure.js';
import { chainError } from './errors.js';

/**
 * The deterministic deployer that most chains have, and Anvil too: it deploys what it is sent with CREATE2, so that the
 * same code has the same address everywhere and nobody's account is part of it.
 */
export const DEPLOYER = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
/** Keccak-256 of its code. */
const DEPLOYER_CODE = '0x2fa86add0aed31f33a762c9d88e807c475bd51d0f52bd0955754b2608f7e4989';

/** A contract on a chain. */
export interface Deployment {
  address: string;
  codeHash: string;
  /** Gas of the deployment; absent where the contract was there already. */
  gasUsed?: bigint;
}

/**
 * Where {@link deployOnce} puts this code. Errors: `OPTION_INVALID` for what is no creation code.
 *
 * @example
 * const address = deploymentAddress(file.verifier.bytecode);
 */
export function deploymentAddress(bytecode: string): string {
  return getCreate2Address(DEPLOYER, ZeroHash, keccak256(requireCode(bytecode)));
}

/**
 * Finds a contract by its creation code, or deploys it.
 *
 * Errors: `CHAIN_NO_DEPLOYER` where the chain lacks the deterministic deployer; `CHAIN_FUNDS` where the account cannot pay,
 * `CHAIN_GAS_LIMIT` where no block has so much gas, `CHAIN_CODE_SIZE` where the code is larger than chains take, each with the
 * figures; `CHAIN_DEPLOY_FAILED` where the chain refuses the code for another reason; those of the connection.
 *
 * @example
 * const { address, codeHash } = await deployOnce(signer, file.verifier.bytecode);
 */
export async function deployOnce(signer: Signer, bytecode: string): Promise<Deployment> {
  const provider = providerOf(signer);
  const address = deploymentAddress(bytecode);
  const codeHash = (at: string) => codeHashAt(provider, at).catch((e) => Promise.reject(chainError(e)));
  const there = await codeHash(address);
  if (there) return { address, codeHash: there };
  if ((await codeHash(DEPLOYER)) !== DEPLOYER_CODE) {
    throw new PotError('CHAIN_NO_DEPLOYER', `the chain has no deterministic deployer at ${DEPLOYER}`, {
      hint: 'Deploy the contract yourself and give its address.',
    });
  }
  const [from, data] = [await signer.getAddress(), `${ZeroHash}${bytecode.slice(2)}`];
  const failure = (why: { cause?: unknown; receipt?: TransactionReceipt | null }) =>
    deployFailure(provider, { from, bytecode, data, ...why });
  let receipt: TransactionReceipt | null;
  try {
    const gasLimit = await gasFor(provider, { to: DEPLOYER, data, from });
    const sent = await signer.sendTransaction({ to: DEPLOYER, data, gasLimit });
    receipt = await sent.wait();
  } catch (cause) {
    throw await failure({ cause, receipt: (cause as { receipt?: TransactionReceipt }).receipt ?? null });
  }
  const left = await codeHash(address);
  if (!left || !receipt) throw await failure({ receipt });
  return { address, codeHash: left, gasUsed: receipt.gasUsed };
}

/** The estimate and a tenth, which no block must lack. */
async function gasFor(provider: Provider, call: TransactionRequest): Promise<bigint> {
  const estimate = await provider.estimateGas(call);
  const limit = (await provider.getBlock('latest'))?.gasLimit ?? estimate;
  const wanted = (estimate * 11n) / 10n;
  return wanted > limit && estimate <= limit ? limit : wanted;
}

function providerOf({ provider }: Signer): Provider {
  if (provider) return provider;
  throw new PotError('SIGNER_MISSING', 'the signer is connected to no chain', {
    hint: 'Give one with a provider: signer.connect(connection.provider).',
  });
}

function requireCode(bytecode: string): string {
  if (typeof bytecode === 'string' && /^0x(?:[0-9a-f]{2})+$/i.test(bytecode)) return bytecode;
  throw new PotError(
    'OPTION_INVALID',
    "a contract's creation code must be 0x and an even number of hex digits",
    {
      details: { option: 'bytecode' },
    },
  );
}

/**
 * Keccak-256 of the code at an address; undefined where there is none.
 *
 * @example
 * const isThere = (await codeHashAt(connection.provider, address)) === file.verifier.codeHash;
 */
export async function codeHashAt(provider: Provider, address: string): Promise<string | undefined> {
  const code = await provider.getCode(address);
  return code === '0x' ? undefined : keccak256(code);
}
