// The public interface in Node: everything that verifies, and the log itself. A test holds this list: packages/ledger/test/exports.test.ts.

export { type AnchoredLog, anchorLog } from './anchor/anchorLog.js';
export { type Artefact, digestOnDisk } from './artefact.js';
export {
  disclose,
  type QueryOptions,
  query,
  report,
  type TimelineOptions,
  type TraceOptions,
  timeline,
  trace,
} from './audit/ask.js';
export { askProlog, type PrologOptions, type PrologValue } from './audit/prolog/prolog.js';
export { type Replayed, type ReplayOptions, replay } from './audit/replay.js';
export { verifyAnswer } from './audit/verifyAnswer.js';
export { type WriteRecordOptions, writeRecord } from './audit/writeRecord.js';
export * from './index.js';
export type { EventQuery } from './log/eventIndex.js';
export { type Appended, EventLog, type RecordedEvent } from './log/eventLog.js';
export { folderSource } from './log/files.js';
export type { CreateLogOptions, OpenLogOptions } from './log/options.js';
export { type MirrorAllOptions, type MirrorResult, mirrorAll } from './mirror/mirrorAll.js';
export { type Mirrored, type MirrorOptions, mirrorLog } from './mirror/mirrorLog.js';
export { type AuditedFetch, type AuditedFetchOptions, auditedFetch } from './record/auditedFetch.js';
export { type AuditedInterceptorOptions, auditedInterceptor } from './record/auditedInterceptor.js';
export { type CommandOptions, type CommandResult, recordCommand } from './record/command.js';
export { type FileOptions, recordFile } from './record/file.js';
export { type CommitOptions, recordCommit } from './record/gitCommit.js';
export { type Collector, type CollectorOptions, collectOtlp } from './record/otlp/collector.js';
export { type PackageOptions, recordPackage } from './record/package/record.js';
export type { PackageTrust, RegistryKey } from './record/package/trust.js';
export { type ProofOptions, recordProof } from './record/proofFile.js';
export { record, type Stage, type StageOptions } from './record/stage.js';
export { requirePolicy } from './taint/policy.js';
export {
  type QuarantineOptions,
  quarantine,
  type ReleaseOptions,
  readArtefact,
  release,
  signRelease,
} from './taint/quarantine.js';
export { recordTaint, type TaintOptions } from './taint/tag.js';
