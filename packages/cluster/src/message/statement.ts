import { createHash } from 'node:crypto';
import type { Aggregate } from '@proof-of-training/aggregator';
import type { Member } from '@proof-of-training/aggregator/node';
import type { ProverTask } from '@proof-of-training/core';
import type { AggregateForm } from '@proof-of-training/halo2-wasm';
import { canonicalJson, type SgdSpec } from '@proof-of-training/sgd-circuit';

/** A proof of a window, of first weights: what a session asks its executor for. */
export type WitnessTask = Extract<ProverTask, { kind: 'window' | 'genesis' }>;

/** A link of an aggregate: nothing of it is secret. */
export interface AggregationTask {
  kind: 'aggregation';
  /** Of the windows. */
  spec: SgdSpec;
  /** Windows that one proof takes in, at most; it decides the key. */
  places: number;
  /** What the windows of the run may differ in; it decides the key. Absent: in nothing. */
  form?: AggregateForm;
  previous?: Aggregate;
  members: Member[];
}

/** Tasks that go to workers: proofs. What else there is costs less than sending it. */
export type RemoteTask = WitnessTask | AggregationTask;

export function isRemote(task: ProverTask): task is WitnessTask {
  return task.kind === 'window' || task.kind === 'genesis';
}

/** What a proof is about, in one hash: jobs and results are named by it, so that a proof is made and kept once. */
export function statementOf(task: RemoteTask, srs: string): string {
  return createHash('sha256')
    .update(canonicalJson({ ...saidBy(task), srs }))
    .digest('hex');
}

function saidBy(task: RemoteTask): object {
  const { kind, spec } = task;
  if (kind !== 'aggregation') {
    const { public: inputs, transcript = 'blake2b' } = task;
    return { kind, spec, public: inputs, transcript };
  }
  // The proofs that go in belong to it: an aggregate is of these.
  const { places, form, previous, members } = task;
  return { kind, spec, places, ...(form && { form }), ...(previous && { previous }), members };
}
