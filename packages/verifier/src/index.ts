// What verifies, in browsers too. A test holds this list: packages/verifier/test/exports.test.ts.

export type { DeriveKey } from './aggregate/derivedOnce.js';
export { parseAggregate } from './aggregate/file.js';
export { aggregationPin, deriveHere } from './aggregate/key.js';
export { parseInference } from './bundle/inference.js';
export { parseBundle, parseTrainingProof, type Readable } from './bundle/parse.js';
export { type ReportInput, renderReport } from './report/html.js';
export {
  type AdapterModule,
  compareAdapters,
  type VerifyAdapterOptions,
  verifyAdapters,
} from './verify/adapterFile.js';
export { type ProvenAdapters, provenAdapters, requireAllowed, TAKEN_AS_GIVEN } from './verify/adapters.js';
export { checkShardCount, type VerifyAggregateOptions, verifyAggregate } from './verify/aggregate.js';
export { type BaseDigestOptions, baseDigest } from './verify/baseDigest.js';
export { type ProvenCounts, provenCounts } from './verify/counts.js';
export { datasetUse, samplesText } from './verify/datasetUse.js';
export type { Description, ToleranceFacts } from './verify/describe.js';
export {
  type EvaluationReport,
  type ProvenEvaluation,
  type VerifyEvaluationOptions,
  verifyEvaluation,
} from './verify/evaluation.js';
export { checkExpectations, type Expectations, readExpectations } from './verify/expectations.js';
export { type InferenceReport, type VerifyInferenceOptions, verifyInference } from './verify/inference.js';
export type { InferenceContents } from './verify/inferenceContents.js';
export type { NamedValues, ProvenInference, ShownValues } from './verify/inferenceFacts.js';
export type { InferenceExpectations } from './verify/inferencePins.js';
export {
  checkLimits,
  checkPrecision,
  type LimitOptions,
  MAX_TOLERANCE,
  type Precision,
} from './verify/limits.js';
export type { NetworkLayer, NetworkSource, NetworkWeights } from './verify/network.js';
export { openCommitment, readOpening } from './verify/opening.js';
export { limits as limitShape, reference as referenceShape } from './verify/options.js';
export type { CheckProgress, PaceOptions } from './verify/pace.js';
export { type VerifyProofOptions, verifyTrainingProof } from './verify/proof.js';
export { type ReferenceOptions, referenceFor, refuseDevelopment } from './verify/reference.js';
export { checkRenewal } from './verify/renewals.js';
export {
  type Check,
  Checklist,
  type ProvenFacts,
  type ProvenPart,
  pinsOf,
  type ReferenceFacts,
  reportOf,
  type Subject,
  type VerificationReport,
  type VerifiedKind,
} from './verify/report.js';
export {
  type ProvenPredicate,
  predicatesOf,
  provenPredicates,
  type Reveal,
  revealKind,
  type Scores,
} from './verify/reveal.js';
export { ruleText } from './verify/rule.js';
export { type VerifyRunOptions, verifyTrainingRun } from './verify/run.js';
export { different, requireSameAdapters, requireSameNetwork } from './verify/sameFunction.js';
export { checkStart, orderText } from './verify/start.js';
export {
  checkChain,
  checkGenesisStatement,
  checkIdentity,
  checkSize,
  checkSpecs,
} from './verify/structure.js';
export { toleranceOf } from './verify/tolerance.js';
export { checkKeys, checkProof } from './verify/underKeys.js';
export { type VerifyWeightsOptions, verifyWeights } from './verify/weights.js';
