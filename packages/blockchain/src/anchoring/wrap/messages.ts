import type { AggregateForm, PotErrorJson } from '@proof-of-training/halo2-wasm';

/** What the thread that wraps is given. */
export interface WrapSetup {
  srs: SharedArrayBuffer;
  specJson: string;
  windowsPerProof: number;
  /** What the windows of the run may differ in. */
  form: AggregateForm;
  /** `public`, `accumulator` and `proof` of an aggregate. */
  aggregateJson: string;
  /** Threads of the proof; 0: all cores. */
  threads: number;
}

/** What it made. */
export interface Wrapped {
  /** Bytes of the proof alone. */
  proofBytes: number;
  /** Public inputs and proof, 0x hex. */
  calldata: string;
  /** Solidity text of the verifier. */
  contract: string;
}

/** What it says: that its keys are there, and how it ended. */
export type WrapReply =
  | { kind: 'keys' }
  | { kind: 'done'; wrapped: Wrapped }
  | { kind: 'failed'; error: PotErrorJson };
