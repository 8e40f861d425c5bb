import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import type { TaskOptions } from './checks.js';
import type { ProofExecutor } from './executor.js';

/** A commitment to columns. */
export interface Commitment {
  /** 0x hex: what a statement names. */
  digest: string;
  /** Column commitments, 32 bytes each: with them a proof does not make them again. */
  points: Uint8Array;
}

/** Weights that are trained (then the optimiser's state), and the salt of their commitment. Secret. */
export interface Salted {
  /** Flat order, scale w. */
  weights: BigInt64Array;
  /** 32 bytes, used for these weights only. */
  salt: Uint8Array;
}

/** A checkpoint at a window's beginning or end, committed to once: it serves the window before it and the one after. */
export interface Border extends Salted {
  committed: Promise<Commitment>;
}

/** Begins the commitment to a checkpoint on a prover's thread. Errors, thrown to whoever awaits `committed`: those of the pool. */
export function borderOf(
  pool: ProofExecutor,
  spec: SgdSpec,
  { weights, salt }: Salted,
  options: TaskOptions = {},
): Border {
  const committed = pool.run({ kind: 'commitWeights', spec, weights, salt }, options).then(commitmentOf);
  // Who needs it awaits it; until then its failure is nobody's.
  committed.catch(() => {});
  return { weights, salt, committed };
}

/** The digest and points that a commitment's task gave. */
export function commitmentOf({ digest, points }: { digest?: string; points?: Uint8Array }): Commitment {
  return { digest: digest!, points: points! };
}
