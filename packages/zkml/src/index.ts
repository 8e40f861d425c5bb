// Proven inferences as a service, in Node. A test holds this list: packages/zkml/test/exports.test.ts.

export type { ZkmlMetrics, ZkmlSnapshot } from './engine/metrics.js';
export type { RegisteredModel } from './engine/models.js';
export type {
  ExecuteOptions,
  ProofFile,
  ProveOptions,
  RegisterModelOptions,
  VerifyOptions,
  ZkmlEngineOptions,
  ZkmlLimits,
  ZkmlTimeouts,
} from './engine/options.js';
export type { Answer, Outcome, Proven, ProvenAnswer } from './engine/results.js';
export type { Stage, ZkmlErrorCode } from './engine/stages.js';
export { ZkmlEngine } from './engine/zkmlEngine.js';
export type { Committed } from './jobs/job.js';
