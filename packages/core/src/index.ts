// The public interface. A test holds this list: packages/core/test/exports.test.ts.

// From the packages below
export { type Engine, isPotError, PotError, type Transcript } from '@proof-of-training/halo2-wasm';
export {
  ContentCache,
  type ContentCacheOptions,
  ceremonySrs,
  developmentSrs,
  importPtau,
  importSrs,
  readSrs,
  type Srs,
} from '@proof-of-training/halo2-wasm/node';
export type {
  EffectiveHyperparameters,
  LearningRateSchedule,
  RateSchedule,
} from '@proof-of-training/sgd-circuit';
export { type ProfileName, profiles, type SgdSpec } from '@proof-of-training/sgd-circuit';
export type {
  Check,
  Description,
  Expectations,
  LimitOptions,
  Precision,
  ProvenAdapters,
  ProvenFacts,
  ProvenPart,
  ReferenceFacts,
  ToleranceFacts,
  VerificationReport,
  VerifiedKind,
} from '@proof-of-training/verifier';
export { type ReportInput, renderReport } from '@proof-of-training/verifier';
export type {
  CheckpointOpening,
  Declared,
  ProofEntry,
  RunBundle,
  TrainingProof,
} from '@proof-of-training/verifier/files';
// Files
export {
  type AggregateFile,
  parseAggregate,
  parseBundle,
  parseTrainingProof,
} from '@proof-of-training/verifier/files';
export type { ReferenceOptions } from '@proof-of-training/verifier/node';
// Verification
export {
  type AdapterModule,
  aggregationPin,
  type VerifyAdapterOptions,
  type VerifyAggregateOptions,
  type VerifyProofOptions,
  type VerifyRunOptions,
  verifyAdapters,
  verifyAggregate,
  verifyTrainingProof,
  verifyTrainingRun,
} from '@proof-of-training/verifier/node';
// Beginnings
export type { Beacon, BeaconSource, FixedSettings } from '@proof-of-training/verifier/run';
// Aggregates
export {
  type AggregateOptions,
  aggregateRun,
  type Compression,
  compressionOf,
} from './aggregate/aggregateRun.js';
export type { QueueLinksOptions } from './aggregate/links.js';
export { openRun } from './aggregate/run.js';
// Many proofs at once
export type { BatchOptions, StreamOptions, SubmitOptions } from './batch/checks.js';
export type { HardwareMeasurement, LoraChoice } from './batch/lora/choose.js';
export {
  type LoraBatch,
  type LoraProverOptions,
  OptimizedLoRAProver,
} from './batch/lora/optimizedLoRAProver.js';
export type { LoraProof } from './batch/lora/proveUpdates.js';
export type { LoraBatchOptions, LoraOutcome } from './batch/lora/proveWindows.js';
export type { LoraUpdate, UpdateAdapter, UpdateRule } from './batch/lora/updates.js';
export type { ProverOptions } from './batch/options.js';
export { ParallelProver } from './batch/parallelProver.js';
export {
  StreamingProver,
  type StreamResult,
} from './batch/streamingProver.js';
export type { CircuitProof, CircuitTask, Outcome, ProofOf, ProofTask, StepTask } from './batch/tasks.js';
// Commitments for files
export {
  canonicalBytes,
  commit,
  type DualCommitment,
  type LeafOpening,
  Sha256Tree,
  verifyLeaf,
} from './commit/index.js';
// Settings
export { type LoadConfigOptions, loadConfig } from './config/load.js';
export type { Mode, PotConfig, QueueSettings, Settings } from './config/schema.js';
export type { TrainingData } from './dataset/shards.js';
// Low-rank adapters
export {
  type AdapterValues,
  applyLora,
  type LoraInit,
  type LoraOptions,
  loraOf,
  type ModelAdapter,
  mergeLora,
  registerLora,
} from './lora/index.js';
// Counters
export { metricsLine } from './metrics/line.js';
export { ProverMetrics } from './metrics/proverMetrics.js';
export type { CountedCache, MetricsSnapshot } from './metrics/snapshot.js';
// Threads that prove
export type { PoolOptions, TaskOptions } from './prove/checks.js';
export type { ProofExecutor } from './prove/executor.js';
export { ProverPool } from './prove/pool.js';
export type { QueueExecutorOptions } from './prove/queueExecutor.js';
export type { SchedulerOptions } from './prove/scheduler.js';
export type { ProverResult, ProverTask } from './prove/tasks.js';
export { type Load, threadsPerTask } from './prove/threads.js';
// Reading models
export {
  type Batch,
  type ModelSource,
  type NamedWeights,
  type RecordedAdapter,
  type RecordedModel,
  recordModel,
} from './record/index.js';
export type { SrsChoice } from './run/chooseSrs.js';
export {
  type CallbackFitOptions,
  type FitCallback,
  type FitHistory,
  fitWithCallbacks,
} from './session/fitWithCallbacks.js';
export type { SessionLimits } from './session/limits.js';
export type { OptimizerOptions } from './session/optimizer.js';
export type { CreateOptions, FitOptions, OpenOptions, SessionEvents, StepReport } from './session/options.js';
export type { ProofEvent } from './session/proving.js';
export type { RenewalEvent } from './session/renewals.js';
// Training with proofs
export { TrainingSession } from './session/trainingSession.js';
// Proving steps that the framework took
export {
  type AutoProof,
  type AutoProveOptions,
  autoProveTrainingStep,
  type LayerDeviation,
  STEP_THRESHOLD,
  type StepDifference,
  StepProver,
  type StepProverOptions,
  type ToleranceFormat,
  toleranceFormats,
} from './step/index.js';
// From a configuration: the engine of `pot train`
export { parseTrainConfig, type TrainConfig } from './trainConfig/config.js';
export { loadDigits } from './trainConfig/digits.js';
export { type TrainEvents, type TrainResult, trainRun } from './trainConfig/engine.js';
export { baseDigest } from './verify/baseDigest.js';
export { type VerifyModelOptions, verifyModelWeights } from './verify/modelWeights.js';
