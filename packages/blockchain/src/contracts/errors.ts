import { isPotError, PotError, type PotErrorCode } from '@proof-of-training/halo2-wasm';
import { type ErrorDescription, Interface, isError } from 'ethers';
import { registryArtifact } from './artifact.js';
import { DRAW_REASONS } from './drawReasons.js';
import { drawsArtifact } from './drawsArtifact.js';

/** What the registry's errors mean, in words. A code is `REGISTRY_` and the error's name in capitals. */
const REASONS: Record<string, [message: string, hint?: string]> = {
  VerifierWithoutCode: ['the verifier has no code at its address'],
  VerifierCodeHash: ['the verifier at this address has other code than was named'],
  VerifierUnknown: ['the registry does not know this verifier', 'Add it with addVerifier.'],
  VerifierProofBytes: ['this is no length of a proof'],
  AnnouncementExists: [
    'this dataset and these settings were announced before',
    'The first announcement stands: its block decides the beacon.',
  ],
  CommitmentExists: ['this commitment was stored already'],
  CommitmentUnknown: ['the run was not committed to before it was registered', 'Store the commitment first.'],
  CommitmentTooYoung: ['the commitment is of the same block', 'Register in a later block.'],
  RunExists: ['a run with this id is registered already'],
  RunUnknown: ['no run with this id is registered', 'Register it first (storeCommitment).'],
  AnchorUnknown: ['the run has no such anchor'],
  TermsOutOfRange: ['the terms of the run are out of range'],
  NotAllowed: ['this account may not anchor this run', "Only the run's owner and the owner's operators may."],
  StatementLength: ['the statement has not the length that its verifier takes'],
  NotCanonical: ['a public input is not the one encoding of a field element'],
  LimbTooLarge: ['a limb of the accumulator is 2^88 or more'],
  StepMismatch: [
    "the aggregate does not begin with the step after the run's last anchor",
    'An anchor continues the one before it: aggregate the windows after it, without those that are anchored.',
  ],
  StepRange: ["the aggregate's steps do not rise, or are out of range"],
  WeightsMismatch: ["the aggregate does not begin with the weights of the run's last anchor"],
  RateMismatch: ['the aggregate was trained with another learning rate than the run names'],
  DatasetMismatch: ['the aggregate was trained on another dataset than the run names'],
  DepthMismatch: ["the aggregate's dataset tree has another depth than the run names"],
  BaseMismatch: ['the aggregate was trained on another frozen base than the run names'],
  ProofRefused: [
    'the verifier refuses the proof, or ran out of gas',
    'A proof that holds is refused only where the gas limit is too low.',
  ],
};

/** The contracts whose errors are known: a code is the prefix and the error's name in capitals. */
const CONTRACTS = [
  { prefix: 'REGISTRY_', abi: new Interface(registryArtifact.abi), reasons: REASONS },
  { prefix: 'DRAW_', abi: new Interface(drawsArtifact.abi), reasons: DRAW_REASONS },
];

/**
 * Turns whatever ethers throws into a {@link PotError}: `REGISTRY_*` for a revert of the registry, `DRAW_*` for one of the contract of
 * drawn evaluations, `CHAIN_REVERTED` for another one, `CHAIN_TIMEOUT`, `CHAIN_UNREACHABLE`, `CHAIN_FUNDS`, `CHAIN_NONCE`, else `CHAIN_FAILED`. Messages of the
 * RPC server are kept in `details`, cut; calldata is not.
 *
 * @example
 * try {
 *   await contract.anchor(calldata);
 * } catch (e) {
 *   throw chainError(e);
 * }
 */
export function chainError(e: unknown): PotError {
  if (isPotError(e)) return e;
  const data = revertData(e);
  if (data !== undefined) return revertError(data);
  const said = (
    e instanceof Error ? ((e as { shortMessage?: string }).shortMessage ?? e.message) : String(e)
  ).slice(0, 200);
  const details = { said };
  if (isError(e, 'CALL_EXCEPTION'))
    return new PotError('CHAIN_REVERTED', 'the call reverted without a reason', { details });
  if (isError(e, 'TIMEOUT'))
    return new PotError('CHAIN_TIMEOUT', 'the RPC server did not answer in time', { details });
  if (isError(e, 'INSUFFICIENT_FUNDS') || /insufficient funds/i.test(said)) {
    return new PotError('CHAIN_FUNDS', 'the account cannot pay for the gas', { details });
  }
  if (isError(e, 'NONCE_EXPIRED') || isError(e, 'REPLACEMENT_UNDERPRICED') || /nonce too low/i.test(said)) {
    return new PotError('CHAIN_NONCE', "the account's nonce was used by another transaction", { details });
  }
  if (isError(e, 'NETWORK_ERROR') || isError(e, 'SERVER_ERROR') || isConnectionError(e)) {
    return new PotError('CHAIN_UNREACHABLE', 'the RPC server cannot be reached', { details });
  }
  return new PotError('CHAIN_FAILED', 'the RPC server or the client library failed', { details });
}

/**
 * The error of a revert with this data.
 *
 * @example
 * revertError('0x').code; // 'CHAIN_REVERTED'
 */
export function revertError(data: string): PotError {
  for (const { prefix, abi, reasons } of data === '0x' ? [] : CONTRACTS) {
    const found = parse(abi, data);
    // Solidity's own, Error(string) and Panic(uint256), have none.
    const [message, hint] = (found && reasons[found.name]) ?? [];
    if (!found || message === undefined) continue;
    return new PotError(`${prefix}${snake(found.name)}` as PotErrorCode, message, {
      details: argumentsOf(found),
      ...(hint && { hint }),
    });
  }
  return new PotError('CHAIN_REVERTED', 'the call reverted without a reason that the registry knows', {
    details: { data: data.slice(0, 74) },
  });
}

/** Whether trying the same call again may help. */
export function isTransient(e: unknown): boolean {
  return isPotError(e, 'CHAIN_TIMEOUT') || isPotError(e, 'CHAIN_UNREACHABLE');
}

function parse(abi: Interface, data: string): ErrorDescription | null {
  try {
    return abi.parseError(data);
  } catch {
    return null;
  }
}

function argumentsOf(found: ErrorDescription): Record<string, string> {
  return Object.fromEntries(found.fragment.inputs.map((input, i) => [input.name, String(found.args[i])]));
}

/** The data of a revert, wherever ethers and the server put it. */
function revertData(e: unknown): string | undefined {
  const error = e as { data?: unknown; info?: { error?: { data?: unknown } } };
  for (const data of [error?.data, error?.info?.error?.data]) {
    if (typeof data === 'string' && /^0x[0-9a-f]{8,}$/i.test(data)) return data;
  }
  return undefined;
}

function isConnectionError(e: unknown): boolean {
  const code = (e as { code?: unknown })?.code;
  return typeof code === 'string' && /^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOST|UND_ERR)/.test(code);
}

function snake(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase();
}
