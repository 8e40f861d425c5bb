import { PotError } from '@proof-of-training/halo2-wasm';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { getBytes, type Signer } from 'ethers';
import { z } from 'zod';
import type { BlockchainClient } from '../client/blockchainClient.js';
import type { Connection } from '../client/connect.js';
import { deployOnce } from '../contracts/deploy.js';
import * as chainKinds from '../kinds.js';
import { type EvmProof, proofBytes } from '../proofFile/evmProof.js';
import { termsOfRun } from '../proofFile/terms.js';

export interface AnchorFileOptions {
  signer: Signer;
  connection: Connection;
  onStep?: (text: string) => void;
}

const anchorFileOptions = z.object({
  signer: chainKinds.signer,
  connection: chainKinds.connection,
  onStep: kinds.callback.optional(),
} satisfies ShapeFor<AnchorFileOptions>);

/** What anchoring a file came to. */
export interface AnchorSummary {
  runId: string;
  chainId: number;
  registry: string;
  verifier: string;
  verifierCodeHash: string;
  anchor: number;
  firstStep: number;
  endStep: number;
  weights: string;
  blockNumber: number;
  already: boolean;
  transaction?: string;
  gas?: number;
  /** The part of the gas that the bytes of the proof and its statement cost: 16 a byte that is not 0, else 4. */
  calldataGas: number;
  calldataBytes: number;
}

/**
 * Everything from a file to its anchor: finds or deploys the verifier, adds it to the catalogue, registers the run,
 * anchors. What is on the chain already is left as it is, so it may be called again after anything.
 *
 * Errors: `OPTION_*`; `VERIFIER_CODE` where the file's creation code leaves other code than the file says; those of
 * `BlockchainClient`.
 *
 * @example
 * const file = parseEvmProof(await readFile('run.evm.json'));
 * const { anchor, weights } = await anchorFile(client, file, { connection, signer });
 */
export async function anchorFile(
  client: BlockchainClient,
  file: EvmProof,
  options: AnchorFileOptions,
): Promise<AnchorSummary> {
  const { signer, connection, onStep = () => {} } = checkOptions(anchorFileOptions, options, 'anchorFile');
  const { address, codeHash } = await deployOnce(signer, file.verifier.bytecode);
  if (codeHash !== file.verifier.codeHash) {
    throw new PotError('VERIFIER_CODE', 'the verifier in the file is not the one that the file says', {
      details: { expected: file.verifier.codeHash, found: codeHash },
    });
  }
  onStep(`verifier ${address}`);
  const verifierId = await client.addVerifier(address, codeHash, proofBytes(file));
  const run = await client.storeCommitment(await termsOfRun(file.run, verifierId));
  onStep(`run ${run.runId}, registered, next step ${run.nextStep}`);
  const result = await client.anchor(file.calldata);
  const bytes = getBytes(file.calldata);
  return {
    runId: run.runId,
    chainId: connection.chainId,
    registry: client.registry.address,
    verifier: address,
    verifierCodeHash: codeHash,
    anchor: result.value.index,
    firstStep: result.value.firstStep,
    endStep: result.value.endStep,
    weights: result.value.weights,
    blockNumber: result.blockNumber,
    already: result.already,
    ...(result.transactionHash && { transaction: result.transactionHash }),
    ...(result.gasUsed !== undefined && { gas: Number(result.gasUsed) }),
    calldataGas: bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0),
    calldataBytes: bytes.length,
  };
}
