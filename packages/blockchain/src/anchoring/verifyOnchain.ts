import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { checkOptions } from '@proof-of-training/verifier/options';
import { type ChainReport, checkChain } from '../audit/checkChain.js';
import { requirePinned } from '../audit/pin.js';
import { BlockchainClient } from '../client/blockchainClient.js';
import type { EvmProof } from '../proofFile/evmProof.js';
import { flipped } from '../statement/flipped.js';
import { WEIGHTS_OUT } from '../statement/statement.js';
import { type AnchorSummary, anchorFile } from './anchorFile.js';
import { type VerifyOnchainOptions, verifyOnchainOptions } from './options.js';

/** Something that was tampered with, and why the contract refused it. */
export interface Refusal {
  what: string;
  /** `REGISTRY_*`. */
  code: string;
  /** The same in words. */
  message: string;
}

/** What the whole way came to. */
export interface OnchainResult {
  anchored: AnchorSummary;
  audit: ChainReport;
  /** What the contract refused, with the decoded reason. */
  refused: Refusal[];
}

/**
 * The whole way: anchors a file, has it audited by a client without an account, and shows that the contract refuses
 * it with one bit of its proof changed, with a public input changed, and a second time.
 *
 * The verifier in the file is believed by nobody: it must be one that is pinned (`pins`), as for {@link checkChain}, before anything
 * is deployed. The audit asks for one confirmation unless told otherwise, since it follows at once.
 *
 * Errors: `OPTION_*`; `VERIFIER_UNPINNED`, `VERIFIER_UNTRUSTED`; `ONCHAIN_ACCEPTED` where something was accepted that must not be; those of `anchorFile`.
 *
 * @example
 * const { anchored, audit } = await verifyOnchain(file, { connection, signer, pins: [pin] });
 */
export async function verifyOnchain(file: EvmProof, options: VerifyOnchainOptions): Promise<OnchainResult> {
  const {
    connection,
    signer,
    registry,
    onStep = () => {},
    ...rest
  } = checkOptions(verifyOnchainOptions, options, 'verifyOnchain');
  const { registryCreation, trustRegistryStorage, ...auditing } = rest;
  requirePinned({ codeHash: file.verifier.codeHash, windowKey: file.run.keys.window }, options.pins);
  const common = {
    connection,
    ...(registryCreation !== undefined && { registryCreation }),
    ...(trustRegistryStorage && { trustRegistryStorage }),
    trustedVerifiers: [file.verifier.codeHash],
    pollMs: 200,
    ...(options.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
  };
  const client =
    registry === undefined
      ? await BlockchainClient.deploy({ ...common, signer })
      : await BlockchainClient.open({ ...common, signer, registry });
  onStep(`registry ${client.registry.address} on chain ${connection.chainId}`);
  // Before the real one, so that nothing but the proof is left to refuse it.
  const refused: OnchainResult['refused'] = [];
  const forgeries = {
    'one bit of the proof changed': file.calldata.length - 1,
    'a public input changed: other last weights': 2 + 64 * (WEIGHTS_OUT + 1) - 1,
  };
  for (const [what, at] of Object.entries(forgeries)) {
    onStep(`tampering: ${what}`);
    const forged = { ...file, calldata: flipped(file.calldata, at) };
    refused.push(await mustRefuse(what, () => anchorFile(client, forged, { connection, signer })));
  }
  onStep('anchoring');
  const anchored = await anchorFile(client, file, { connection, signer, onStep });
  onStep('the same again');
  const call = { ...client.registry.encode('anchor', [file.calldata]), from: await signer.getAddress() };
  refused.push(
    await mustRefuse('the same proof again', () => connection.read(() => connection.provider.call(call))),
  );
  onStep('auditing, by a client without an account');
  const auditor = await BlockchainClient.open({ ...common, registry: client.registry.address });
  const audit = await checkChain(auditor, file, {
    confirmations: 1,
    ...auditing,
    owner: await signer.getAddress(),
  });
  return { anchored, audit, refused };
}

async function mustRefuse(what: string, act: () => Promise<unknown>): Promise<Refusal> {
  try {
    await act();
  } catch (e) {
    if (isPotError(e) && e.code.startsWith('REGISTRY_'))
      return { what, code: e.code, message: e.shortMessage };
    throw e;
  }
  throw new PotError('ONCHAIN_ACCEPTED', `the contract accepted what it must refuse: ${what}`);
}
