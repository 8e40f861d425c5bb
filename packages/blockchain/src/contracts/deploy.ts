import {
  type ContractTransactionReceipt,
  getCreate2Address,
  keccak256,
  type Provider,
  type Signer,
  ZeroHash,
} from 'ethers';
import { PotError } from 'halo2-wasm';

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

/** Where {@link deployOnce} puts this code. */
export function deploymentAddress(bytecode: string): string {
  return getCreate2Address(DEPLOYER, ZeroHash, keccak256(bytecode));
}

/**
 * Finds a contract by its creation code, or deploys it.
 *
 * Errors: `CHAIN_NO_DEPLOYER` where the chain lacks the deterministic deployer, `CHAIN_DEPLOY_FAILED` where the chain
 * refuses the code.
 */
export async function deployOnce(signer: Signer, bytecode: string): Promise<Deployment> {
  const provider = signer.provider!;
  const address = deploymentAddress(bytecode);
  const there = await codeHashAt(provider, address);
  if (there) return { address, codeHash: there };
  if ((await codeHashAt(provider, DEPLOYER)) !== DEPLOYER_CODE) {
    throw new PotError('CHAIN_NO_DEPLOYER', `the chain has no deterministic deployer at ${DEPLOYER}`, {
      hint: 'Deploy the contract yourself and give its address.',
    });
  }
  const failed = (cause?: unknown) =>
    new PotError('CHAIN_DEPLOY_FAILED', 'the contract was not deployed', { details: { address }, cause });
  let receipt: ContractTransactionReceipt | null;
  try {
    const sent = await signer.sendTransaction({ to: DEPLOYER, data: `${ZeroHash}${bytecode.slice(2)}` });
    receipt = (await sent.wait()) as ContractTransactionReceipt | null;
  } catch (cause) {
    throw failed(cause);
  }
  const codeHash = await codeHashAt(provider, address);
  if (!codeHash || !receipt) throw failed();
  return { address, codeHash, gasUsed: receipt.gasUsed };
}

/** Keccak-256 of the code at an address; undefined where there is none. */
export async function codeHashAt(provider: Provider, address: string): Promise<string | undefined> {
  const code = await provider.getCode(address);
  return code === '0x' ? undefined : keccak256(code);
}
