/** Codes of errors: structured reference strings (SRS). */
export const srs = {
  PTAU_CEREMONY: {
    text: 'The contributions of a powers-of-tau file do not verify.',
    hint: 'Download the file again from its ceremony.',
  },
  SNARKJS_MISSING: {
    text: 'snarkjs is not installed.',
    hint: 'Run npm install snarkjs@0.7.6.',
  },
  SRS_DEVELOPMENT_REFUSED: {
    text: 'The proofs were made with the insecure development SRS.',
    hint: "Ask for proofs on a ceremony's SRS, or accept them knowingly with allowDevelopmentSrs.",
  },
  SRS_FILE: {
    text: 'An SRS cannot be read, or is damaged.',
    hint: 'Import it again, or install the package again.',
  },
  SRS_HASH: {
    text: 'The SRS has another hash than the pinned one.',
    hint: 'Give the SRS that was pinned.',
  },
  SRS_INVALID: {
    text: 'The bytes are no SRS, or its points are not powers of one secret.',
    hint: 'Give what readSrs, importSrs or importPtau returned.',
  },
  SRS_MISMATCH: {
    text: 'The proofs were made with another SRS than the one given.',
    hint: 'Give the SRS that the file names.',
  },
  SRS_NEEDED: {
    text: 'The SRS that the proofs were made with is needed.',
    hint: 'Give it (srs, --srs FILE).',
  },
  SRS_PIN: {
    text: 'The SRS is not the pinned one.',
    hint: 'Give the pinned SRS, or another pin.',
  },
  SRS_SECRET_KNOWN: {
    text: "The SRS's secret is known to everybody: nobody contributed to it.",
    hint: 'Use an SRS of a ceremony with contributions.',
  },
  SRS_SIZE: {
    text: 'The SRS is of another size than the circuit needs.',
    hint: 'Import one of the size that the message names.',
  },
  SRS_TOO_SMALL: {
    text: 'The SRS is too small for the circuit.',
    hint: 'Import a larger file of the same ceremony.',
  },
} as const;
