/** What fixes a run on the chain; field elements and hashes as `0x` and 64 hexadecimal digits. */
export interface RunTerms {
  runId: string;
  datasetRoot: string;
  /** Depth of the dataset's Merkle tree. */
  depth: number;
  /** Integer learning rate. */
  eta: bigint;
  /** Digest of the commitment to the first weights. */
  genesis: string;
  /** Digest of the frozen base, 0 without one. */
  base: string;
  /** Digest of circuits, rate and SRS: `sha256Field` of their canonical JSON, as in the run id. */
  hyperparameters: string;
  /** Digest of the windows' verifying key. */
  windowKey: string;
  /** Id of a verifier in the registry's catalogue. */
  verifierId: string;
}

/** A run as the registry has it. */
export interface RegisteredRun extends RunTerms {
  owner: string;
  /** Unix time of the commitment and of the registration. */
  committedAt: number;
  registeredAt: number;
  registeredBlock: number;
  /** The next step, the weights that it must begin with, and the number of anchors. */
  nextStep: number;
  weights: string;
  anchors: number;
  /** Chain over the anchors' schedule hashes ({@link schedulesOf}): not checked by the contract. */
  schedules: string;
}

/** One accepted aggregate. */
export interface Anchor {
  index: number;
  firstStep: number;
  endStep: number;
  /** Digest of the weights after the last step. */
  weights: string;
  /** Its block; when that was: `Registry.timeOf`. */
  blockNumber: number;
}

/** A verifier contract in the catalogue. */
export interface VerifierEntry {
  id: string;
  address: string;
  proofBytes: number;
  /** Block in which it was added. */
  addedBlock: number;
  codeHash: string;
  /** Made with the insecure development SRS: everybody can forge its proofs. */
  development: boolean;
}
