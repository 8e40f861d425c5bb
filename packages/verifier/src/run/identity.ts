import { canonicalJson, etaOfStep, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { merkleRoot } from '../dataset/merkle.js';
import type { HashPair } from '../hash/pair.js';
import { chainHash, numberField, sha256Field } from './hash.js';
import type { Run } from './schema.js';
import { scheduleOf } from './seeds.js';

/**
 * The run id: a Poseidon chain over dataset root, genesis digest, hyper-parameters (both circuits, eta, reference
 * string, schedule and transcript where the run names them), key digests, schedule seed, nonce, start and beacon (0 without one); then,
 * where there is one, the digest of the frozen base.
 */
export function runIdOf(run: Omit<Run, 'runId'>, pair: HashPair): string {
  return runIdFrom(run, run.shards.length, pair);
}

/** The same without the list of shards, which the dataset root stands for. */
export function runIdFrom(run: Omit<Run, 'runId' | 'shards'>, shardCount: number, pair: HashPair): string {
  return chainHash(pair, 'proof-of-training/run/v2', [
    run.datasetRoot,
    run.genesis,
    hyperparametersOf(run),
    sha256Field(canonicalJson(run.keys)),
    sha256Field(scheduleOf(run, shardCount).seedHex),
    run.nonce,
    sha256Field(canonicalJson(run.start)),
    run.beacon ? sha256Field(canonicalJson(run.beacon)) : numberField(0),
    ...(run.base === undefined ? [] : [run.base]),
  ]);
}

/** Digest of what the steps are made with: both circuits, eta, SRS, schedule and transcript where the run names them. */
export function hyperparametersOf(
  run: Pick<Run, 'spec' | 'genesisSpec' | 'eta' | 'schedule' | 'srs' | 'transcript'>,
): string {
  const { spec, genesisSpec, eta, schedule, srs, transcript } = run;
  const named = { ...(schedule && { schedule }), ...(transcript && { transcript }) };
  return sha256Field(canonicalJson({ spec, genesisSpec, eta, srs, ...named }));
}

/** Fills in dataset root and run id. */
export function completeRun(run: Omit<Run, 'runId' | 'datasetRoot'>, pair: HashPair): Run {
  const rooted = { ...run, datasetRoot: merkleRoot(run.shards, pair) };
  return { ...rooted, runId: runIdOf(rooted, pair) };
}

/**
 * The integer rate of window `window`, decimal: the run's own, or what its schedule makes of it in the window's first step. All steps of
 * a window have one rate.
 */
export function etaOfWindow(run: Pick<Run, 'spec' | 'eta' | 'schedule'>, window: number): string {
  if (!run.schedule) return run.eta;
  return etaOfStep(run.spec, BigInt(run.eta), run.schedule, firstStepOf(run.spec, window)).toString();
}

/** Number of the first step of window `window`. */
export function firstStepOf(spec: Pick<SgdSpec, 'steps'>, window: number): number {
  return window * spec.steps;
}
