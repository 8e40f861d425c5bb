import type { Readable } from '../bundle/source.js';
import * as files from '../verify/adapterFile.js';
import * as aggregates from '../verify/aggregate.js';
import * as base from '../verify/baseDigest.js';
import * as evaluations from '../verify/evaluation.js';
import * as inferences from '../verify/inference.js';
import type { NetworkSource } from '../verify/network.js';
import * as openings from '../verify/opening.js';
import * as proofs from '../verify/proof.js';
import * as references from '../verify/reference.js';
import type { VerificationReport } from '../verify/report.js';
import * as runs from '../verify/run.js';
import * as weights from '../verify/weights.js';
import { type OnDisk, withCache } from './cache.js';
import { derivedKey } from './deriveKey.js';
import { nodeOptions } from './options.js';

export interface ReferenceOptions extends references.ReferenceOptions, OnDisk {}
export interface VerifyRunOptions extends runs.VerifyRunOptions, OnDisk {}
export interface VerifyAdapterOptions extends files.VerifyAdapterOptions, OnDisk {}
export interface VerifyProofOptions extends proofs.VerifyProofOptions, OnDisk {}
export interface VerifyInferenceOptions extends inferences.VerifyInferenceOptions, OnDisk {}
export interface VerifyEvaluationOptions extends evaluations.VerifyEvaluationOptions, OnDisk {}
export interface VerifyAggregateOptions extends aggregates.VerifyAggregateOptions, OnDisk {}
export interface VerifyWeightsOptions extends weights.VerifyWeightsOptions, OnDisk {}
export interface BaseDigestOptions extends base.BaseDigestOptions, OnDisk {}

/**
 * Verifies a whole run from its bundle alone: no weights, no data. Every check of docs/protocol/protocol.md is in the
 * report; the first failure ends it. The verifying keys are derived here from the public architecture. SRSs are kept on disk.
 *
 * Never throws for a bad bundle, whatever it is given: `ok` is false and `failure` says why. Throws where verification itself
 * cannot run (`WASM_LOAD`, `ENGINE_*`, `THREADS_UNAVAILABLE`), and for options that are wrong, since they are the caller's
 * own (`OPTION_UNKNOWN`, `OPTION_INVALID`, `PIN_INVALID`, `EXPECTED_UNKNOWN`).
 *
 * @param source text, bytes, or value of the bundle; a `Response` or `Blob`, which is then read
 *
 * @example
 * const report = await verifyTrainingRun(await readFile('run.json'), { allowDevelopmentSrs: true });
 * if (!report.ok) throw new Error(report.failure?.message);
 */
export async function verifyTrainingRun(
  source: Readable,
  options: VerifyRunOptions = {},
): Promise<VerificationReport> {
  return runs.verifyTrainingRun(source, nodeOptions('verifyTrainingRun', options));
}

/**
 * Verifies a run from its aggregate alone: no window proofs, no weights, no data. The first failure ends it. Where no aggregation key
 * is pinned, it is derived in a thread of its own; SRSs are kept on disk.
 *
 * Throws as {@link verifyTrainingRun} does: for a bad file never, for wrong options.
 *
 * @example
 * const report = await verifyAggregate(await readFile('aggregate.json'), { srs, aggregationKey });
 * if (!report.ok) throw new Error(report.failure?.message);
 */
export async function verifyAggregate(
  source: Readable,
  options: VerifyAggregateOptions = {},
): Promise<VerificationReport> {
  return aggregates.verifyAggregate(source, {
    ...nodeOptions('verifyAggregate', options),
    deriveKey: options.deriveKey ?? derivedKey,
  });
}

/**
 * Verifies one proof of training from its file alone, with SRSs on disk: what the report's `kind` and `conditional` say is what
 * the proof says.
 *
 * @example
 * const report = await verifyTrainingProof(file, { srs, expected: { weightsIn, weightsOut } });
 * if (!report.ok || report.kind !== 'window') throw new Error('no step is proven');
 */
export async function verifyTrainingProof(
  source: Readable,
  options: VerifyProofOptions = {},
): Promise<VerificationReport> {
  return proofs.verifyTrainingProof(source, nodeOptions('verifyTrainingProof', options));
}

/**
 * Verifies a proof that a model gives outputs for inputs, with SRSs on disk: see `verifyInference` of the entry that works everywhere.
 *
 * @example
 * const report = await verifyInference(file, { run: bundle });
 * if (!report.ok || !report.inference?.run) throw new Error(report.failure?.message);
 */
export async function verifyInference(
  source: Readable,
  options: VerifyInferenceOptions = {},
): Promise<inferences.InferenceReport> {
  return inferences.verifyInference(source, {
    ...nodeOptions('verifyInference', options),
    deriveKey: options.deriveKey ?? derivedKey,
  });
}

/**
 * Verifies proofs of an evaluation and adds them up, with SRSs on disk: see `verifyEvaluation` of the entry that works everywhere.
 *
 * @example
 * const { ok, evaluation } = await verifyEvaluation([first, second], { run: bundle, testSet });
 * if (ok && evaluation) console.log(evaluation.right / evaluation.samples);
 */
export async function verifyEvaluation(
  sources: Readable | readonly Readable[],
  options: VerifyEvaluationOptions = {},
): Promise<evaluations.EvaluationReport> {
  return evaluations.verifyEvaluation(sources, {
    ...nodeOptions('verifyEvaluation', options),
    deriveKey: options.deriveKey ?? derivedKey,
  });
}

/**
 * Checks that an adapter file is the output of a proven run, with SRSs on disk: see `verifyAdapters` of the entry that works
 * everywhere.
 *
 * @example
 * const report = await verifyAdapters(modules, bundle, opening, { expected: { base } });
 * if (!report.ok) throw new Error(report.failure?.message);
 */
export async function verifyAdapters(
  modules: readonly files.AdapterModule[],
  bundle: Readable,
  opening: unknown,
  options: VerifyAdapterOptions = {},
): Promise<VerificationReport> {
  return files.verifyAdapters(modules, bundle, opening, nodeOptions('verifyAdapters', options));
}

/**
 * Checks that a network's weights are those behind a commitment, with SRSs on disk.
 *
 * @example
 * const { run } = parseBundle(await readFile('run.json')); // verified before
 * const report = await verifyWeights(network, weightsAfter, opening, { run });
 */
export async function verifyWeights(
  network: NetworkSource,
  commitment: string,
  opening: unknown,
  options: VerifyWeightsOptions = {},
): Promise<VerificationReport> {
  return weights.verifyWeights(network, commitment, opening, nodeOptions('verifyWeights', options));
}

/**
 * The digest that a run on this network's base has, with SRSs on disk.
 *
 * @example
 * const file = await readFile('run.json');
 * const { run } = parseBundle(file);
 * const report = await verifyTrainingRun(file, { expected: { base: await baseDigest(network, run) } });
 */
export async function baseDigest(
  network: NetworkSource,
  run: Parameters<typeof base.baseDigest>[1],
  options: BaseDigestOptions = {},
): Promise<string> {
  return base.baseDigest(network, run, nodeOptions('baseDigest', options));
}

/**
 * The verifier's own SRS, kept on disk: see `referenceFor` of the entry that works everywhere.
 *
 * @example
 * import { referenceFor } from '@proof-of-training/verifier/node';
 *
 * const options = { config: { cache: { directory: '.pot-cache' } } };
 * const { halo2, srs } = await referenceFor(run.srs, run.spec.shape.k, options);
 */
export function referenceFor(
  named: Parameters<typeof references.referenceFor>[0],
  k: number,
  options: ReferenceOptions,
  needs?: references.ReferenceNeeds,
): ReturnType<typeof references.referenceFor> {
  return references.referenceFor(named, k, withCache(options), needs);
}

/**
 * As everywhere, with SRSs on disk. Errors: those of the function that works everywhere.
 *
 * @example
 * const opening = readOpening(JSON.parse(await readFile('opening.json', 'utf8')));
 * const weights = await openCommitment(opening, proven.weightsAfter, {});
 */
export function openCommitment(
  opening: Parameters<typeof openings.openCommitment>[0],
  commitment: string,
  options: ReferenceOptions,
): ReturnType<typeof openings.openCommitment> {
  return openings.openCommitment(opening, commitment, withCache(options));
}
