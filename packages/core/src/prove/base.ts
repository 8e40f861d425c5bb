import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { publicBaseSalt } from '@proof-of-training/verifier/run';
import type { TaskOptions } from './checks.js';
import type { ProofExecutor } from './executor.js';
import { sharedBase } from './sharedBase.js';

/** A frozen base that is committed to: what every proof over it needs. */
export interface CommittedBase {
  /** At `baseBits` fractional bits, flat order, in memory that threads share. */
  weights: BigInt64Array;
  /** Of its commitment. Secret where the base is private. */
  salt: Uint8Array;
  /** Column commitments. */
  points: Uint8Array;
  /** 0x hex: the public inputs' `base`. */
  digest: string;
}

/** Commits to a base on a prover's thread. Errors: those of the prover (shape, range). */
export async function commitBase(
  pool: ProofExecutor,
  spec: SgdSpec,
  weights: BigInt64Array,
  salt: Uint8Array = publicBaseSalt(),
  options: TaskOptions = {},
): Promise<CommittedBase> {
  const base = sharedBase(weights);
  const { digest, points } = await pool.run({ kind: 'commitBase', spec, base, salt }, options);
  return { weights: base, salt, points: points!, digest: digest! };
}
