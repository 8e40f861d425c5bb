import { PotError } from '@proof-of-training/halo2-wasm';

/** Order of BN254's scalar field. */
export const SCALAR_MODULUS = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;
/** Public inputs of the wrapper circuit: 12 limbs of the accumulator, then what the aggregate says. */
export const STATEMENT_INPUTS = 22;
/** Index of the public input that says which weights the aggregate ends with. */
export const WEIGHTS_OUT = 17;
const LIMBS = 12;
const WORD = 64;

/** What an anchored aggregate says; field elements as `0x` and 64 lower-case hexadecimal digits. */
export interface AggregateStatement {
  runId: string;
  eta: bigint;
  /** Number of the aggregate's first step. */
  firstStep: number;
  /** Number of the step after its last. */
  endStep: number;
  weightsIn: string;
  weightsOut: string;
  datasetRoot: string;
  /** Chain over (epoch, shard) of its windows, and their steps' rates where these are their own: `scheduleHash`. */
  schedule: string;
  /** Digest of the frozen base; 0 where there is none. */
  base: string;
  /** Depth of the dataset's tree. */
  depth: number;
}

/**
 * Reads a verifier's calldata: the public inputs as 32-byte words, big-endian, then the proof.
 *
 * Errors: `STATEMENT_INVALID` where it is no hexadecimal text, too short, has an input that is no field element in its
 * one encoding, a limb of 2^88 or more, or steps that are not rising numbers.
 *
 * @example
 * const { runId, firstStep, endStep } = readStatement(file.calldata);
 */
export function readStatement(calldata: string): AggregateStatement {
  if (!/^0x([0-9a-f]{2})+$/i.test(calldata)) throw invalid('it is no hexadecimal text');
  const digits = calldata.slice(2).toLowerCase();
  if (digits.length <= STATEMENT_INPUTS * WORD) throw invalid('it is too short');
  const words = Array.from({ length: STATEMENT_INPUTS }, (_, i) => digits.slice(i * WORD, (i + 1) * WORD));
  words.forEach((word, i) => {
    const value = BigInt(`0x${word}`);
    if (value >= SCALAR_MODULUS) throw invalid(`input ${i} is no field element`);
    if (i < LIMBS && value >= 1n << 88n) throw invalid(`limb ${i} is too large`);
  });
  const hex = (i: number) => `0x${words[i]}`;
  const firstStep = small(words[14]!, 'first step');
  const endStep = small(words[15]!, 'end step');
  if (endStep <= firstStep) throw invalid('its steps do not rise');
  return {
    runId: hex(12),
    eta: BigInt(hex(13)),
    firstStep,
    endStep,
    weightsIn: hex(16),
    weightsOut: hex(WEIGHTS_OUT),
    datasetRoot: hex(18),
    schedule: hex(19),
    base: hex(20),
    depth: small(words[21]!, 'depth'),
  };
}

/**
 * Bytes of the proof in a verifier's calldata.
 *
 * @example
 * await client.addVerifier(address, codeHash, proofBytesOf(file.calldata));
 */
export function proofBytesOf(calldata: string): number {
  return (calldata.length - 2) / 2 - 32 * STATEMENT_INPUTS;
}

function small(word: string, name: string): number {
  const value = BigInt(`0x${word}`);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`its ${name} is out of range`);
  return Number(value);
}

function invalid(why: string): PotError {
  return new PotError('STATEMENT_INVALID', `this is no statement for the registry: ${why}`);
}
