import type { Transcript } from '@proof-of-training/halo2-wasm';
import type { ReferenceOptions, Reveal } from '@proof-of-training/verifier';
import type { CheckpointOpening } from '@proof-of-training/verifier/files';
import type { UseCounter } from './uses.js';

/** Whether a proof shows a content, or its digest alone. */
export type Visibility = 'public' | 'committed';

export interface ProveInferenceOptions extends ReferenceOptions {
  /** What opens the commitment to the model's weights: of the run that it comes from. Secret. */
  opening: CheckpointOpening;
  /** The inputs, `[sample][input]`, as the model was trained on them. */
  inputs: ArrayLike<number>;
  /** Counts the proofs that open this commitment: `memoryUses`, or `fileUses` of Node's entry. */
  uses: UseCounter;
  /** What the proof shows. Default: the outputs, and of the inputs the digest alone. */
  show?: { inputs?: Visibility; outputs?: Visibility };
  /**
   * What the proof shows in the place of the outputs, which then stay hidden altogether: `'argmax'`, `{ class }`, or `{ output, atLeast,
   * atMost }`. `show.outputs: 'committed'` hides this too, behind a digest.
   */
  reveal?: Reveal | readonly Reveal[];
  /** What the proof is bound to: 64 hexadecimal digits below the field's modulus, of a request. Default: 0. */
  context?: string;
  /** `poseidon`: for a circuit that verifies it. Default: `blake2b`. */
  transcript?: Transcript;
}
