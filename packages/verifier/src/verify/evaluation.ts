import { PotError, type PotErrorJson } from '@proof-of-training/halo2-wasm';
import { LIMITS } from '@proof-of-training/sgd-circuit';
import type { Readable } from '../bundle/parse.js';
import { type ProvenCounts, summed } from './counts.js';
import { type InferenceReport, type VerifyInferenceOptions, verifyInference } from './inference.js';
import type { InferenceContents } from './inferenceContents.js';
import { verifierOptions } from './options.js';

export interface VerifyEvaluationOptions
  extends Omit<VerifyInferenceOptions, 'reveal' | 'inputs' | 'outputs' | 'expectedKey'> {
  /** Digests of a test set's parts that were published: each proof must be about one of them, and none may be left out. */
  testSet?: string[];
  /** Of each proof, in their order, what its inputs and labels must be: from whoever has the test set. */
  inputs?: InferenceContents[];
}

/** What proofs of an evaluation establish together. */
export interface ProvenEvaluation extends Omit<ProvenCounts, 'of'> {
  /** Digest of the model's weights. */
  weights: string;
  /** Digests of the inputs and labels of each proof; absent where one shows them. */
  testSet?: string[];
  /** Id of the verified run that ended with these weights. */
  run?: string;
}

export interface EvaluationReport {
  ok: boolean;
  /** Of each proof, up to the first that does not hold. */
  reports: InferenceReport[];
  failure?: PotErrorJson;
  /** There only where everything holds. */
  evaluation?: ProvenEvaluation;
  /** What the proofs hold on, where neither run nor genesis proof was given. */
  conditional?: string[];
}

/**
 * Verifies proofs of an evaluation, each of a part of the test set, and adds their counts up. The run, or the genesis proof, is verified
 * with the first; all must be of the same weights, and no part may be there twice. That parts which have different digests are different
 * samples, no digest says: give `testSet`.
 *
 * Never throws for a bad file, as `verifyInference`.
 *
 * @example
 * const { ok, evaluation } = await verifyEvaluation([first, second], { run: bundle, testSet });
 * if (ok && evaluation) console.log(evaluation.right / evaluation.samples);
 */
export async function verifyEvaluation(
  sources: Readable | readonly Readable[],
  options: VerifyEvaluationOptions = {},
): Promise<EvaluationReport> {
  const { testSet, inputs, ...given } = verifierOptions('verifyEvaluation', options);
  const files = Array.isArray(sources) ? (sources as readonly Readable[]) : [sources as Readable];
  if (files.length === 0) throw new PotError('OPTION_INVALID', 'verifyEvaluation: there is no proof');
  if (inputs && inputs.length !== files.length) {
    throw new PotError('OPTION_INVALID', 'verifyEvaluation: inputs must be as many as there are proofs', {
      details: { where: 'verifyEvaluation', option: 'inputs' },
    });
  }
  const reports: InferenceReport[] = [];
  for (const [i, file] of files.entries()) {
    const report = await verifyInference(file, {
      ...ofPart(given, reports[0]),
      ...(inputs && { inputs: inputs[i]! }),
    });
    reports.push(report);
    if (!report.ok) return { ok: false, reports, ...(report.failure && { failure: report.failure }) };
  }
  const conditional = reports[0]!.conditional;
  try {
    const evaluation = provenOf(reports, testSet);
    return { ok: true, reports, evaluation, ...(conditional && { conditional }) };
  } catch (e) {
    if (!(e instanceof PotError)) throw e;
    return { ok: false, reports, failure: e.toJSON() };
  }
}

/** The run is of the weights of all: behind the first proof each has to have the same ones. */
function ofPart(
  options: Omit<VerifyEvaluationOptions, 'testSet' | 'inputs'>,
  first: InferenceReport | undefined,
): VerifyInferenceOptions {
  if (!first) return options;
  const { run, genesis, aggregationKey, deriveKey, maxTolerance, allowRepeatedShards, ...rest } = options;
  const maxK = rest.maxK ?? (run === undefined ? undefined : LIMITS.maxK);
  const expected = { ...rest.expected, weights: first.inference!.weights! };
  return { ...rest, ...(maxK !== undefined && { maxK }), expected };
}

/** Errors: `EVALUATION_PARTS`, `EXPECTED_MISMATCH`. */
function provenOf(
  reports: readonly InferenceReport[],
  wanted: readonly string[] | undefined,
): ProvenEvaluation {
  const inferences = reports.map(({ inference }) => inference!);
  const counts = inferences.flatMap(({ counts }) => (counts ? [counts.counts] : []));
  if (counts.length < inferences.length || counts.some((one) => one.length !== counts[0]!.length)) {
    throw new PotError('EXPECTED_MISMATCH', 'a proof shows no counts of an evaluation, or of other classes', {
      details: { name: 'counts' },
    });
  }
  const shown = inferences.map(({ inputs }) => JSON.stringify(inputs));
  if (new Set(shown).size < shown.length) {
    throw new PotError('EVALUATION_PARTS', 'two proofs are about the same part of the test set');
  }
  const digests = inferences.flatMap(({ inputs }) => ('committed' in inputs ? [inputs.committed] : []));
  // Each part once, on both sides.
  const parts = new Set(wanted);
  if (wanted && (digests.length !== wanted.length || !digests.every((digest) => parts.delete(digest)))) {
    throw new PotError(
      'EVALUATION_PARTS',
      'the proofs are not about the parts of the test set that are expected',
      {
        details: { found: digests },
      },
    );
  }
  const { weights = '', run } = inferences[0]!;
  return {
    ...summed(counts),
    weights,
    ...(digests.length === inferences.length && { testSet: digests }),
    ...(run !== undefined && { run }),
  };
}
