import { MAX_PLACES } from '@proof-of-training/aggregator';
import { PotError } from '@proof-of-training/halo2-wasm';
import {
  FORMAT_VERSION,
  lastShardSchema,
  parseAs,
  proofEntrySchema,
  type Readable,
  runSummarySchema,
} from '@proof-of-training/verifier/files';
import { z } from 'zod';
import { proofBytesOf, readStatement } from '../statement/statement.js';

export const EVM_PROOF_FORMAT = 'proof-of-training/evm-proof';

/** Largest file that is read, in bytes; a real one has about a hundred thousand. */
const MAX_BYTES = 1 << 20;
/** Creation code is a little longer than the code, which has at most 24,576 bytes. */
const MAX_CREATION_DIGITS = 4 * 24_576;

/** An aggregate in the form that a chain verifies: docs/operate/on-chain.md. */
export const evmProofSchema = z.strictObject({
  format: z.literal(EVM_PROOF_FORMAT),
  version: z.literal(FORMAT_VERSION),
  run: runSummarySchema,
  /** As in an aggregate: shows that the dataset's root has no more shards than the run says. */
  lastShard: lastShardSchema,
  genesis: proofEntrySchema,
  verifier: z.strictObject({
    /** Creation code of the verifier contract. */
    bytecode: z
      .string()
      .max(MAX_CREATION_DIGITS)
      .regex(/^0x([0-9a-f]{2})+$/),
    /** Windows that one proof of the aggregation circuit takes in: what its code is derived from, with the specification. */
    windowsPerProof: z.int().min(1).max(MAX_PLACES),
    /** Keccak-256 of the code that it leaves: a claim until the chain shows it. */
    codeHash: z.string().regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 hex digits'),
  }),
  /** Public inputs of the wrapper circuit and its proof. */
  calldata: z
    .string()
    .max(1 << 17)
    .regex(/^0x([0-9a-f]{2})+$/),
});

export type EvmProof = z.infer<typeof evmProofSchema>;

/**
 * Reads a file of unknown origin; its statement must be about the run that it names. Errors: `FORMAT_*`,
 * `STATEMENT_INVALID`, `EVM_PROOF_RUN`.
 *
 * @example
 * const file = parseEvmProof(await readFile('run.evm.json'));
 * console.log(readStatement(file.calldata).weightsOut);
 */
export function parseEvmProof(source: Readable): EvmProof {
  const file = parseAs(source, EVM_PROOF_FORMAT, evmProofSchema, MAX_BYTES);
  if (readStatement(file.calldata).runId !== file.run.runId) {
    throw new PotError(
      'EVM_PROOF_RUN',
      'the proof in the file is about another run than the one in the file',
    );
  }
  return file;
}

/** Length of the proof in a file. */
export function proofBytes(file: EvmProof): number {
  return proofBytesOf(file.calldata);
}
