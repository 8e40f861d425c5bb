// The public interface: everything that verifies, in Node and in browsers. A test holds this list: packages/ledger/test/exports.test.ts.
// ./node.ts adds the log itself, which writes files.

export type { AuditorOptions, ShownEvent } from './answer/evidence.js';
export type { Answer, Evidence, Question } from './answer/format.js';
export type { LogReport } from './answer/report.js';
export type { Timeline } from './answer/timeline.js';
export type { Trace, TraceStep } from './answer/trace.js';
export {
  type RunSql,
  type VerifiedAnswer,
  type VerifyAnswerOptions,
  verifyAnswer,
} from './answer/verifyAnswer.js';
export { type AnchorChain, type RootAnchor, requireAnchored } from './checkpoint/anchors.js';
export {
  type Checkpoint,
  parseCheckpoint,
  refuseFork,
  verifyCheckpoint,
  type Witnesses,
} from './checkpoint/checkpoint.js';
export { type ForkReport, verifyFork } from './checkpoint/fork.js';
export { type KeyRing, keyRing } from './checkpoint/keyRing.js';
export { canonicalJson, type Json } from './event/canonical.js';
export type { LedgerEvent } from './event/fields.js';
export type { Flow } from './events/kind.js';
export { eventFlow, eventText } from './events/kinds.js';
export type { Policy, Violation } from './events/policyCheck.js';
export { opensSalted } from './events/salted.js';
export type { TaintTag } from './events/taint.js';
export type { Verification } from './events/verification.js';
export { type KnownEvent, Lineage, type Origins, type Step } from './lineage/lineage.js';
export { isObservedBy } from './lineage/observed.js';
export { Taints } from './lineage/tags.js';
export { emptyRoot, leafHash, nodeHash } from './merkle/hash.js';
export { type Tile, tilePath } from './merkle/tile.js';
export type { LogSource } from './merkle/tileReader.js';
export {
  type Consistency,
  type Inclusion,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from './merkle/verify.js';
export { formatVkey, type KeyType, parseVkey, type VerifierKey } from './note/key.js';
export { type Note, type NoteSignature, openNote } from './note/note.js';
export { generateLogKeys, type LogKeys } from './note/signer.js';
export { type Disclosed, verifyDisclosure, verifyDisclosures } from './proof/disclosure.js';
export { verifyTlogProof } from './proof/tlogProof.js';
export { fetchSource } from './public/fetchSource.js';
export { PublicLog, type PublicLogOptions } from './public/publicLog.js';
export { parseRecord, type UniversalRecord } from './universal/schema.js';
export { type VerifiedRecord, verifyRecords } from './universal/verifyRecord.js';
