export {
  asPotError,
  isPotError,
  PotError,
  type PotErrorCode,
  type PotErrorJson,
  type PotErrorOptions,
  printable,
} from '@proof-of-training/errors';
export type { AggregateForm } from './aggregateForm.js';
export {
  AggregateVerifier,
  Aggregation,
  type AggregationInfo,
  OnChain,
  type WrappedAggregate,
} from './aggregation.js';
export { aggregationDigest } from './apart/aggregationDigest.js';
export type { DigestRequest } from './apart/request.js';
export { requireArgument, requireBytes, requireHalo2, requireK, requireText, shown } from './argument.js';
export { formOf, hasBasis, powersAlone } from './ceremony/bytes.js';
export { IGNITION, ignitionPowers } from './ceremony/ignition.js';
export { type Ceremony, ceremonyOf } from './ceremony/known.js';
export { inspectSrs, type Srs } from './ceremony/srs.js';
export {
  basisOf,
  ceremonyPowers,
  ceremonySrs,
  cutSrs,
  developmentSrs,
  type StringCache,
} from './ceremony/strings.js';
export type { Engine, EngineName } from './engine.js';
export { Executor, type StepResult } from './executor.js';
export type { GenesisSecrets, WasmExecutor, WasmExports, WasmProver, WindowSecrets } from './exports.js';
export {
  type GraphGroup,
  type GraphInfo,
  type GraphOptimizer,
  type GraphOutput,
  type GraphPredicate,
  type GraphProofRequest,
  GraphProver,
  type GraphTensor,
  type GraphValue,
  type GraphWitness,
  type ProvenGraph,
} from './graph.js';
export { Halo2, type SrsInfo } from './halo2.js';
export { type LoadOptions, loadProver, proverModule } from './loader.js';
export { loadWithThreads } from './loadWithThreads.js';
export { parsePin } from './pin.js';
export {
  type BaseWitness,
  DEFAULT_TRANSCRIPT,
  type GenesisWitness,
  Prover,
  type RenewalWitness,
  type Transcript,
  type VerifiedProof,
  type WindowPoints,
  type WindowWitness,
} from './prover.js';
export { MAX_THREADS } from './threads/available.js';
export { VERSION } from './version.js';
