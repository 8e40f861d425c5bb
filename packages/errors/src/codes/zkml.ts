/** Codes of errors: inference and compliance as a service. Details have `code`: the failure that is behind it. */
export const zkml = {
  COMPLIANCE_STORE: {
    text: 'A store of compliance is damaged, of another version, of another process, or cannot be written.',
    hint: 'Close it where it is open; proofs are whole by themselves, so another store may begin.',
  },
  ZKML_ABORTED: {
    text: 'The work was cancelled, and its process ended.',
    hint: 'Nothing is wrong: it was asked for.',
  },
  ZKML_CIRCUIT_INVALID: {
    text: 'The model has no circuit as it is asked for.',
    hint: 'pot check says what to change: fewer samples a proof, another profile, a narrower range.',
  },
  ZKML_COMPILATION_FAILED: {
    text: 'A model could not be committed to.',
    hint: 'The cause says why; pot check says more of the model.',
  },
  ZKML_INFERENCE_FAILED: {
    text: 'An inference failed for a reason that is none of the model, its input or its proof.',
    hint: 'The cause says why; try again.',
  },
  ZKML_INPUT_INVALID: {
    text: 'An input does not fit the model, or leaves its range.',
    hint: 'Give as many numbers a sample as the model has features, within the range that was registered.',
  },
  ZKML_LIMIT: {
    text: 'A limit of the engine is reached.',
    hint: 'The details name it: wait, ask for less, or raise it.',
  },
  ZKML_MODEL_INVALID: {
    text: 'A model is not one that can be registered, or there is none of this name.',
    hint: 'The message says why.',
  },
  ZKML_PARSING_FAILED: {
    text: "A model's file cannot be read.",
    hint: 'Export it again: it is damaged, too large or of another format.',
  },
  ZKML_PROOF_INVALID: {
    text: 'A file is no proof of an inference.',
    hint: 'Do not accept it.',
  },
  ZKML_PROVING_FAILED: {
    text: 'A proof could not be made.',
    hint: 'The cause says why.',
  },
  ZKML_SECURITY: {
    text: 'Something is not what it was said to be: a digest, a commitment, an SRS, a model of a proof.',
    hint: 'Do not go on with it, and look for where it comes from.',
  },
  ZKML_STOPPED: {
    text: 'The engine is not running.',
    hint: 'Call start first; what was running when it stopped is cancelled.',
  },
  ZKML_TIMEOUT: {
    text: 'The work took longer than it may, and its process was ended.',
    hint: 'Ask for less, or raise the time-out that the details name.',
  },
  ZKML_VERIFICATION_FAILED: {
    text: 'A proof does not hold.',
    hint: 'Do not accept it.',
  },
  ZKML_WITNESS_FAILED: {
    text: 'A value inside the network leaves the range of the circuit for this input.',
    hint: 'Choose another profile, or a larger scale of inputs.',
  },
} as const;
