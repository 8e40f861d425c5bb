import { checkOptions } from '@proof-of-training/verifier/options';
import { anvilAccount, startAnvil } from '../anvil/index.js';
import { connect } from '../client/connect.js';
import type { EvmProof } from '../proofFile/evmProof.js';
import { onLocalChainOptions, type VerifyOnchainOptions } from './options.js';
import { type OnchainResult, verifyOnchain } from './verifyOnchain.js';

/**
 * {@link verifyOnchain} on a fresh local chain (Anvil), which is gone afterwards. Errors: `ANVIL_*`, those of `verifyOnchain`.
 *
 * @example
 * const { audit, refused } = await verifyOnLocalChain(file, { allowDevelopmentSrs: true });
 */
export async function verifyOnLocalChain(
  file: EvmProof,
  options: Omit<VerifyOnchainOptions, 'connection' | 'signer'> = {},
): Promise<OnchainResult> {
  checkOptions(onLocalChainOptions, options, 'verifyOnLocalChain');
  options.onStep?.('starting a fresh chain (Anvil)');
  const anvil = await startAnvil();
  const connection = await connect({ url: anvil.url, chainId: anvil.chainId });
  try {
    return await verifyOnchain(file, {
      ...options,
      connection,
      signer: anvilAccount(0, connection.provider),
    });
  } finally {
    connection.close();
    await anvil.stop();
  }
}
