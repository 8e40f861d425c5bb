import { createHash } from 'node:crypto';
import type { ProverTask } from '@proof-of-training/core';
import { canonicalJson } from '@proof-of-training/sgd-circuit';

/** Tasks that go to workers: proofs. What else there is costs less than sending it. */
export type RemoteTask = Extract<ProverTask, { kind: 'window' | 'genesis' }>;

export function isRemote(task: ProverTask): task is RemoteTask {
  return task.kind === 'window' || task.kind === 'genesis';
}

/** What a proof is about, in one hash: jobs and results are named by it, so that a proof is made and kept once. */
export function statementOf({ kind, spec, public: inputs, transcript }: RemoteTask, srs: string): string {
  const said = { kind, spec, public: inputs, transcript: transcript ?? 'blake2b', srs };
  return createHash('sha256').update(canonicalJson(said)).digest('hex');
}
