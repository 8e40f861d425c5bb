import type { Engine, PotErrorJson, Srs, Transcript } from '@proof-of-training/halo2-wasm';
import type { ProvenOutputs, Reveal, Visibility } from '@proof-of-training/inference/node';
import type { ProfileName } from '@proof-of-training/sgd-circuit';
import type { InferenceContents, InferenceReport } from '@proof-of-training/verifier';
import type { CheckpointOpening, InferenceProof, TrainingProof } from '@proof-of-training/verifier/files';
import type { CacheSettings } from '@proof-of-training/verifier/node';

/** What a process proves and verifies with: for all its jobs. */
export interface Setup {
  engine?: Engine;
  threads: number;
  /** Whether the INSECURE development SRS is used, and accepted. */
  development: boolean;
  /** Another SRS than the ceremony's. */
  srs?: Srs;
  config?: CacheSettings;
}

/** A model as a file, and how it is to be proven: as `commitModel` takes it. */
export interface OnnxSource {
  onnx: Uint8Array;
  output?: string;
  inputRange?: readonly [number, number];
  inputScale?: number;
  samples?: number;
  profile?: ProfileName;
}

/** A model as a job has it. */
export type ModelSource = OnnxSource | { opening: CheckpointOpening };

/** A request for one proof. */
export interface ProofOrder {
  opening: CheckpointOpening;
  inputs: Float64Array;
  show?: { inputs?: Visibility; outputs?: Visibility };
  reveal?: Reveal | readonly Reveal[];
  context?: string;
  transcript?: Transcript;
}

/** A commitment of a model, and the proof that its weights are in range. */
export interface Committed {
  commitment: string;
  genesis?: TrainingProof;
}

/** What is verified, and what it must be. */
export interface VerifyOrder {
  proof: unknown;
  /** Of the model that it must be about; absent: of any. */
  model?: readonly Committed[];
  expected?: { weights?: string; context?: string };
  expectedKey?: string;
  genesis?: unknown;
  run?: unknown;
  reveal?: Reveal | readonly Reveal[];
  inputs?: InferenceContents;
  outputs?: InferenceContents;
}

/** What a process does. */
export type Job =
  | { kind: 'ready' }
  | { kind: 'inspect'; model: ModelSource }
  | { kind: 'compile'; model: ModelSource; range: boolean }
  | { kind: 'prove'; order: ProofOrder }
  | { kind: 'infer'; order: Pick<ProofOrder, 'opening' | 'inputs'> }
  | { kind: 'verify'; order: VerifyOrder };

/** What is known of a model's structure. */
export interface Inspected {
  features: number;
  outputs: number;
  parameters: number;
  /** Widths: the inputs', then each layer's outputs'. */
  network: number[];
  /** What could be refused of some inputs, in words; empty where nothing can. */
  warnings: string[];
}

/** A model that is committed to. */
export interface Opened {
  opening: CheckpointOpening;
  genesis?: TrainingProof;
}

/** What each kind of job gives. */
export interface Results {
  ready: { engine: string };
  inspect: Inspected;
  compile: Opened;
  prove: ProvenOutputs;
  infer: { outputs: Float64Array[] };
  verify: { report: InferenceReport; file?: InferenceProof };
}

export type JobOf<K extends keyof Results> = Extract<Job, { kind: K }>;

/** Counts a proof that opens a commitment, in the process that keeps the count. */
export type Take = (most: number) => Promise<number>;

/** How results cross the border of a process: errors as plain objects. */
export type Reply = { ok: true; result: Results[keyof Results] } | { ok: false; error: PotErrorJson };
