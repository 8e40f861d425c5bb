import type { PotError } from '@proof-of-training/halo2-wasm';
import type { ProvenOutputs } from '@proof-of-training/inference/node';
import type { TrainingProof } from '@proof-of-training/verifier/files';

/** A proof of a registered model, with what only the engine and whoever asked know. */
export interface Proven extends ProvenOutputs {
  model: string;
  /** The digest of the weights that the proof names. */
  commitment: string;
  /** That these weights are in range: whoever verifies needs it, for all proofs of this commitment. */
  genesis?: TrainingProof;
}

/** What was asked for; without a proof the outputs alone. */
export interface Answer extends Partial<Omit<Proven, 'model' | 'outputs'>> {
  model: string;
  /** Of each sample the last layer's values, before softmax; with `reveal` as secret as the proof keeps them. */
  outputs: Float64Array[];
  /** Whether the cache had it. */
  cached: boolean;
}

/** An answer with its proof. */
export interface ProvenAnswer extends Proven {
  cached: boolean;
}

/** How one request of many ended. */
export type Outcome = { ok: true; answer: Answer } | { ok: false; error: PotError };
