import { PotError } from '@proof-of-training/halo2-wasm';
import type { BlockchainClient } from '../client/blockchainClient.js';
import type { VerifierEntry } from '../client/types.js';
import { flipped } from '../statement/flipped.js';
import { WEIGHTS_OUT } from '../statement/statement.js';
import type { RunDescription } from './description.js';

/**
 * The verifier does what it must on this very chain: it accepts the proof in the file, and refuses it where the last weights are
 * others by one bit. A chain without the curve's precompiles, or with other ones, would show here.
 *
 * Errors: `VERIFIER_REFUSES`, `VERIFIER_ACCEPTS`.
 */
export async function checkVerifierAnswers(
  client: BlockchainClient,
  { calldata }: Pick<RunDescription, 'calldata'>,
  { id }: VerifierEntry,
): Promise<string> {
  const accepts = async (data: string) => (await client.verifyOnChain(data, id)).accepted;
  if (!(await accepts(calldata))) {
    throw new PotError('VERIFIER_REFUSES', "the verifier refuses the file's own proof", {
      hint: 'The proof in the file was damaged or is of another verifier, or the chain lacks the precompiles that it needs.',
    });
  }
  if (await accepts(flipped(calldata, 2 + 64 * (WEIGHTS_OUT + 1) - 1))) {
    throw new PotError('VERIFIER_ACCEPTS', 'the verifier accepts a proof of other weights than it is about', {
      hint: 'It is no verifier, or this chain lacks the precompiles of the curve: nothing that is anchored there is proven.',
    });
  }
  return "accepts the file's proof, and refuses it with one bit of the statement changed";
}
