import type { PotError } from '@proof-of-training/halo2-wasm';
import type { ProverResult, ProverTask } from '../prove/tasks.js';
import type { ArchitectureHints, Batch, ModelSource } from '../record/index.js';
import type { AutoProof, ToleranceFormat } from '../step/index.js';
import type { StepPlace } from '../step/stepOptions.js';

/** A step that TensorFlow.js took, to be proven up to a public tolerance: what `autoProveTrainingStep` takes. */
export interface StepTask extends StepPlace, ArchitectureHints {
  kind?: 'step';
  before: ModelSource;
  after: ModelSource;
  batch: Batch;
  learningRate: number;
  /** Number format by name or in full; default: the first that fits. */
  format?: string | ToleranceFormat;
  /** With adapters: fractional bits of the frozen base. */
  baseBits?: number;
}

/** A planned circuit with its public inputs and its witness: an exact window, a step, or first weights. */
export type CircuitTask = Extract<ProverTask, { kind: 'window' | 'genesis' }>;

/** What can be proven. */
export type ProofTask = StepTask | CircuitTask;

/** A proof of a {@link CircuitTask}: verified, not yet in a file. */
export interface CircuitProof extends ProverResult {
  proof: Uint8Array;
}

/** What a task gives. */
export type ProofOf<T extends ProofTask> = T extends CircuitTask ? CircuitProof : AutoProof;

/** How one task ended. */
export type Outcome<T extends ProofTask = ProofTask> =
  | { ok: true; value: ProofOf<T> }
  | { ok: false; error: PotError };

export function isCircuitTask(task: ProofTask): task is CircuitTask {
  return task.kind === 'window' || task.kind === 'genesis';
}
