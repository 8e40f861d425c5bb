/** Codes of errors: single steps. */
export const steps = {
  LAYER_LOCAL_NOT_ALLOWED: {
    text: "The proof takes its layer's input and upstream gradient as given.",
    hint: 'Accept such proofs knowingly with allowLayerLocal (--allow-layer-local).',
  },
  PROOF_SINGLE: {
    text: 'The file is a single proof where a run or an aggregate is expected.',
    hint: 'Ask for it with --single-proof.',
  },
  STEP_EXCEEDS_TOLERANCE: {
    text: 'A weight deviates from the integer step by more than the bound.',
    hint: 'Choose a finer number format, or check the step.',
  },
  STEP_NOT_SGD: {
    text: 'The step is not the SGD step with this learning rate on this batch.',
    hint: 'Give the batch and the rate that the step was taken with.',
  },
  TOLERANCE_EXCEEDED: {
    text: 'A weight given to the prover deviates by more than the tolerance.',
    hint: 'Prove the step that was taken, or take a wider format.',
  },
  TOLERANCE_TOO_LARGE: {
    text: "A single step's weights may deviate by more than the verifier accepts.",
    hint: 'Ask for a proof in a finer format, or accept it with maxTolerance.',
  },
} as const;
