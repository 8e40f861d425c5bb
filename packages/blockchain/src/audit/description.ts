import { checkTranscript } from '@proof-of-training/aggregator';
import { PotError, type Prover } from '@proof-of-training/halo2-wasm';
import { canonicalJson, dividesByGradients, etaOfB, MAX_ETA } from '@proof-of-training/sgd-circuit';
import { checkKeys, checkProof, checkSpecs, readOpening, requireAllowed } from '@proof-of-training/verifier';
import { openCommitment, type ReferenceOptions, referenceFor } from '@proof-of-training/verifier/node';
import { poseidonPair, runIdFrom } from '@proof-of-training/verifier/run';
import type { EvmProof } from '../proofFile/evmProof.js';

/** What an auditor needs to know of a run: a file from its owner, of which nothing is believed. */
export type RunDescription = Pick<EvmProof, 'run' | 'lastShard' | 'genesis' | 'calldata'>;

/** Errors: `RUN_ID`. */
export async function checkIdentity({ run }: RunDescription): Promise<string> {
  if (runIdFrom(run, run.shardCount, poseidonPair) === run.runId) {
    return 'the run id binds dataset, first weights, architecture, rate and keys';
  }
  throw new PotError('RUN_ID', 'the run id does not belong to this description');
}

/** The rules for what is aggregated, as `verifyAggregate` has them. Errors: `SPEC_*`, `LAYER_LOCAL_NOT_ALLOWED`, `AGGREGATE_TRANSCRIPT`, `ETA_RANGE`. */
export function checkArchitecture({ run }: RunDescription): string {
  const detail = checkSpecs(run);
  requireAllowed(run.spec);
  checkTranscript(run);
  checkRate(run);
  return detail;
}

/** The range of a rate: the contract knows the general one, each adapter has its own. Errors: `ETA_RANGE`. */
function checkRate({ spec, eta }: RunDescription['run']): void {
  const rate = BigInt(eta);
  const out = (what: string) => {
    throw new PotError('ETA_RANGE', `the run's learning rate ${eta} is out of range: ${what}`);
  };
  // The registry takes no larger one, whatever the rule.
  if (rate < 1n || rate >= BigInt(MAX_ETA)) out(`it must lie in 1..${MAX_ETA - 1}`);
  if (dividesByGradients(spec)) return;
  for (const adapter of spec.lora?.adapters ?? []) {
    if (!adapter) continue;
    const wide = etaOfB(adapter, rate);
    if (wide === undefined || wide < 1n || wide >= BigInt(MAX_ETA)) {
      out(`times (${adapter.alpha}/${adapter.rank})^2 it must be a whole number in 1..${MAX_ETA - 1}`);
    }
  }
}

/** Both keys follow from the specification. Errors: `KEY_DIGEST`, those of `referenceFor`. */
export function checkDerivedKeys({ run }: RunDescription, options: ReferenceOptions): Promise<string> {
  return underString(run, options, (prover) => checkKeys(run, prover));
}

/** The genesis proof holds, under a key that has been derived. Errors: `VERIFY_*`, those of `referenceFor`. */
export function checkGenesisProof(
  { run, genesis }: RunDescription,
  options: ReferenceOptions,
): Promise<string> {
  return underString(run, options, (prover) => {
    checkProof(run, run.genesisSpec, genesis, prover);
    return 'the first weights are in range';
  });
}

/** A check under the run's own SRS. Errors: those of `referenceFor`. */
export async function underString<T>(
  run: RunDescription['run'],
  options: ReferenceOptions,
  check: (prover: Prover) => T,
): Promise<T> {
  const k = Math.max(run.spec.shape.k, run.genesisSpec.shape.k);
  const { halo2, srs } = await referenceFor(run.srs, k, options);
  const prover = halo2.prover(srs.bytes);
  try {
    return check(prover);
  } finally {
    prover.free();
  }
}

/** The opening is of this run's network, and of these weights. Errors: `OPENING_SPEC`, `OPENING_INVALID`, `OPENING_COMMITMENT`. */
export async function checkModel(
  { run }: RunDescription,
  given: unknown,
  weights: string,
  options: ReferenceOptions,
): Promise<string> {
  const opening = readOpening(given);
  // Before anything is made of its size, and since weights make no network without it.
  if (canonicalJson(opening.spec) !== canonicalJson(run.spec)) {
    throw new PotError('OPENING_SPEC', 'the opening is of another architecture than the run');
  }
  await openCommitment(opening, weights, options);
  return 'the opened weights are those of the last anchor';
}
