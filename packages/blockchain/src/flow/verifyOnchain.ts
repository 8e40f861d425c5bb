import type { Signer } from 'ethers';
import { isPotError, PotError } from 'halo2-wasm';
import { type ChainReport, type CheckChainOptions, checkChain } from '../audit/checkChain.js';
import { BlockchainClient } from '../client/blockchainClient.js';
import type { Connection } from '../client/connect.js';
import type { EvmProof } from '../file/evmProof.js';
import { type AnchorSummary, anchorFile } from './anchorFile.js';

export interface VerifyOnchainOptions extends CheckChainOptions {
  connection: Connection;
  signer: Signer;
  onStep?: (text: string) => void;
}

/** What the whole way came to. */
export interface OnchainResult {
  anchored: AnchorSummary;
  audit: ChainReport;
  /** Codes with which the contract refused what was tampered with. */
  refused: { what: string; code: string }[];
}

/**
 * The whole way: anchors a file, has it audited by a client without an account, and shows that the contract refuses
 * the same file again and with one bit of its proof changed.
 *
 * Errors: `ONCHAIN_ACCEPTED` where something was accepted that must not be; those of `anchorFile`.
 */
export async function verifyOnchain(file: EvmProof, options: VerifyOnchainOptions): Promise<OnchainResult> {
  const { connection, signer, onStep = () => {} } = options;
  const common = {
    connection,
    trustedVerifiers: [file.verifier.codeHash],
    pollMs: 200,
    ...(options.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
  };
  const client = await BlockchainClient.deploy({ ...common, signer });
  onStep(`registry ${client.registry.address} on chain ${connection.chainId}`);
  // Before the real one, so that nothing but the proof is left to refuse it.
  const refused: OnchainResult['refused'] = [];
  const tampered = { ...file, calldata: flipped(file.calldata) };
  refused.push(await mustRefuse('one bit of the proof changed', () => anchorFile(client, tampered, options)));
  const anchored = await anchorFile(client, file, options);
  const call = { ...client.registry.encode('anchor', [file.calldata]), from: await signer.getAddress() };
  refused.push(
    await mustRefuse('the same proof again', () => connection.read(() => connection.provider.call(call))),
  );
  const auditor = await BlockchainClient.open({ ...common, registry: client.registry.address });
  const audit = await checkChain(auditor, file, { ...options, owner: await signer.getAddress() });
  return { anchored, audit, refused };
}

async function mustRefuse(
  what: string,
  act: () => Promise<unknown>,
): Promise<{ what: string; code: string }> {
  try {
    await act();
  } catch (e) {
    if (isPotError(e) && e.code.startsWith('REGISTRY_')) return { what, code: e.code };
    throw e;
  }
  throw new PotError('ONCHAIN_ACCEPTED', `the contract accepted what it must refuse: ${what}`);
}

/** The last bit of the last number of the proof changed. */
function flipped(calldata: string): string {
  const last = Number.parseInt(calldata.slice(-1), 16) ^ 1;
  return calldata.slice(0, -1) + last.toString(16);
}
