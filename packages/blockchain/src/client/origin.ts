import { PotError } from '@proof-of-training/halo2-wasm';
import { getAddress, getCreate2Address, getCreateAddress, keccak256, type TransactionResponse } from 'ethers';
import { registryArtifact } from '../contracts/artifact.js';
import { DEPLOYER, deploymentAddress } from '../contracts/deploy.js';
import type { Connection } from './connect.js';

/**
 * Why a registry's storage is what its functions made of it: it stands at the `address` that follows from its creation code, or
 * its `creation` was shown. `believed`: neither, and the caller asked to believe it.
 */
export type RegistryOrigin = 'address' | 'creation' | 'believed';

/** What a caller knows about a registry that does not stand where its creation code puts it. */
export interface RegistryTrust {
  /** Hash of the transaction that created it: its creation code is compared. */
  registryCreation?: string;
  /**
   * Accept a registry that may have begun with any storage. **Whoever created it may have written runs and anchors that nobody
   * proved**: only for a registry that you created yourself, or whose creator you believe as you would believe a report.
   */
  trustRegistryStorage?: boolean;
}

/**
 * How a registry came to be. The code at its address does not say: a constructor can write any storage, and leave that code.
 *
 * Errors: `REGISTRY_ORIGIN` where nothing shows it and the caller does not believe it, `REGISTRY_CREATION` where the named
 * transaction did not create it from the registry's creation code.
 */
export async function originOf(
  connection: Connection,
  address: string,
  { registryCreation, trustRegistryStorage = false }: RegistryTrust,
): Promise<RegistryOrigin> {
  if (registryCreation !== undefined) {
    await checkCreation(connection, address, registryCreation);
    return 'creation';
  }
  const own = deploymentAddress(registryArtifact.bytecode);
  if (address.toLowerCase() === own.toLowerCase()) return 'address';
  if (trustRegistryStorage) return 'believed';
  throw new PotError(
    'REGISTRY_ORIGIN',
    `nothing shows how the registry at ${address} began: who created it may have written any runs into it`,
    {
      details: { address, expected: own },
      hint:
        `The registry that follows from its code is at ${own}. For another one name the transaction that created it ` +
        '(registryCreation, --registry-creation), or believe its creator (trustRegistryStorage, --trust-registry-storage).',
    },
  );
}

async function checkCreation({ provider, read }: Connection, address: string, hash: string): Promise<void> {
  const wrong = (why: string) => {
    throw new PotError('REGISTRY_CREATION', `the transaction did not create this registry: ${why}`, {
      details: { address, transaction: hash },
      hint: 'Name the transaction whose receipt has the registry as its contract, or that called the deterministic deployer.',
    });
  };
  const sent = await read(() => provider.getTransaction(hash));
  const receipt = await read(() => provider.getTransactionReceipt(hash));
  if (!sent || !receipt) return wrong('the chain has no such transaction');
  if (receipt.status !== 1) wrong('it failed');
  const created = createdBy(sent);
  if (created === undefined) wrong("it did not carry the registry's creation code");
  if (created !== getAddress(address)) wrong(`it created ${created}`);
}

/** Address of what a transaction creates from the registry's creation code; undefined where it does not. */
function createdBy({ to, data, from, nonce }: TransactionResponse): string | undefined {
  const { bytecode } = registryArtifact;
  if (to === null) return data === bytecode ? getCreateAddress({ from, nonce }) : undefined;
  const salt = data.slice(0, 66);
  if (to !== DEPLOYER || data !== `${salt}${bytecode.slice(2)}`) return undefined;
  return getCreate2Address(DEPLOYER, salt, keccak256(bytecode));
}
