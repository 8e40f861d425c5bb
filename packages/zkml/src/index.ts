// Proven inferences as a service, in Node. A test holds this list: packages/zkml/test/exports.test.ts.

export {
  type ComplianceDecision,
  ComplianceEngine,
  type ComplianceEngineOptions,
  type ComplianceOutcome,
  type ProveComplianceOptions,
} from './compliance/complianceEngine.js';
export type { ComplianceRecord, ComplianceStats } from './compliance/database.js';
export { type ComplianceFile, parseCompliance } from './compliance/file.js';
export type { Metadata, OpenedField } from './compliance/metadata.js';
export type { Requirement, Rule, RuleResult } from './compliance/rule.js';
export {
  type ComplianceExpectations,
  type ComplianceReport,
  type ProvenCompliance,
  type VerifyComplianceOptions,
  verifyComplianceProof,
} from './compliance/verifyComplianceProof.js';
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
