/** Codes of errors: reverts of the registry. */
export const registry = {
  REGISTRY_ANCHOR_UNKNOWN: {
    text: 'The run has no such anchor.',
    hint: 'Read how many it has.',
  },
  REGISTRY_ANNOUNCEMENT_EXISTS: {
    text: 'This dataset and these settings were announced before.',
    hint: 'The first announcement stands: its block decides the beacon.',
  },
  REGISTRY_BASE_MISMATCH: {
    text: 'The aggregate was trained on another frozen base than the run names.',
    hint: 'Aggregate the same run.',
  },
  REGISTRY_COMMITMENT_EXISTS: {
    text: 'This commitment was stored already.',
    hint: 'Go on with registering.',
  },
  REGISTRY_COMMITMENT_TOO_YOUNG: {
    text: 'The commitment is of the same block.',
    hint: 'Register in a later block.',
  },
  REGISTRY_COMMITMENT_UNKNOWN: {
    text: 'The run was not committed to before it was registered.',
    hint: 'Store the commitment first.',
  },
  REGISTRY_DATASET_MISMATCH: {
    text: 'The aggregate was trained on another dataset than the run names.',
    hint: 'Aggregate the same run.',
  },
  REGISTRY_DEPTH_MISMATCH: {
    text: "The aggregate's dataset tree has another depth than the run names.",
    hint: 'Aggregate the same run.',
  },
  REGISTRY_LIMB_TOO_LARGE: {
    text: 'A limb of the accumulator is 2^88 or more.',
    hint: 'The proof is wrong: make it again.',
  },
  REGISTRY_NOT_ALLOWED: {
    text: 'This account may not anchor this run.',
    hint: "Only the run's owner and the owner's operators may.",
  },
  REGISTRY_NOT_CANONICAL: {
    text: 'A public input is not the one encoding of a field element.',
    hint: 'The proof is wrong: make it again.',
  },
  REGISTRY_PROOF_REFUSED: {
    text: 'The verifier refuses the proof, or ran out of gas.',
    hint: 'Raise the gas limit; a proof that holds is refused for no other reason.',
  },
  REGISTRY_RATE_MISMATCH: {
    text: 'The aggregate was trained with another learning rate than the run names.',
    hint: 'Aggregate the same run.',
  },
  REGISTRY_RUN_EXISTS: {
    text: 'A run with this id is registered already.',
    hint: 'Anchor it, if it is yours.',
  },
  REGISTRY_RUN_UNKNOWN: {
    text: 'No run with this id is registered.',
    hint: 'Register it first (storeCommitment).',
  },
  REGISTRY_STATEMENT_LENGTH: {
    text: 'The statement has not the length that its verifier takes.',
    hint: 'Use the verifier that the proof was made for.',
  },
  REGISTRY_STEP_MISMATCH: {
    text: "The aggregate does not begin with the step after the run's last anchor.",
    hint: 'Aggregate the windows after it.',
  },
  REGISTRY_STEP_RANGE: {
    text: "The aggregate's steps do not rise, or are out of range.",
    hint: 'The proof is wrong: make it again.',
  },
  REGISTRY_TERMS_OUT_OF_RANGE: {
    text: 'The terms of the run are out of range.',
    hint: 'Make them with termsOfRun.',
  },
  REGISTRY_VERIFIER_CODE_HASH: {
    text: 'The verifier at this address has other code than was named.',
    hint: 'Name the hash of the code that is there, if you trust it.',
  },
  REGISTRY_VERIFIER_PROOF_BYTES: {
    text: 'This is no length of a proof.',
    hint: "Give the length of the wrapper's proofs.",
  },
  REGISTRY_VERIFIER_UNKNOWN: {
    text: 'The registry does not know this verifier.',
    hint: 'Add it with addVerifier.',
  },
  REGISTRY_VERIFIER_WITHOUT_CODE: {
    text: 'The verifier has no code at its address.',
    hint: 'Deploy it first.',
  },
  REGISTRY_WEIGHTS_MISMATCH: {
    text: "The aggregate does not begin with the weights of the run's last anchor.",
    hint: 'Aggregate the same run.',
  },
} as const;
