// The public interface. A test holds this list: packages/blockchain/test/exports.test.ts.

export { type AnchorFileOptions, type AnchorSummary, anchorFile } from './anchoring/anchorFile.js';
export { Clock } from './anchoring/clock.js';
export {
  keptOnchainFile,
  ONCHAIN_FILES,
  type OnchainFileOptions,
  onchainFile,
  requireOnchainTools,
} from './anchoring/onchainFile.js';
export { verifyOnLocalChain } from './anchoring/onLocalChain.js';
export type { VerifyOnchainOptions } from './anchoring/options.js';
export {
  type OnchainResult,
  type Refusal,
  verifyOnchain,
} from './anchoring/verifyOnchain.js';
export { type WrapOptions, wrapAggregate, wrapperString } from './anchoring/wrap/wrapAggregate.js';
export {
  AUDIT_CONFIRMATIONS,
  type ChainReport,
  checkChain,
} from './audit/checkChain.js';
export type { RunDescription } from './audit/description.js';
export type { RunFacts } from './audit/facts.js';
export type { CheckChainOptions } from './audit/options.js';
export { type VerifierIdentity, verifierPin } from './audit/pin.js';
export { scheduleHashOf, schedulesOf } from './audit/schedule.js';
export { BEACON_CONFIRMATIONS, BEACON_DELAY, type BlockBeacon, type FixedSettings } from './client/beacon.js';
export { type AnchorResult, BlockchainClient } from './client/blockchainClient.js';
export { type Connection, type ConnectOptions, connect } from './client/connect.js';
export type { Ensured } from './client/ensure.js';
export { type LogAnchorOptions, LogAnchors, type RootAnchor } from './client/logAnchors.js';
export type { ClientOptions, EnsureOptions, WatchOptions } from './client/options.js';
export type { RegistryOrigin, RegistryTrust } from './client/origin.js';
export { Registry } from './client/registry.js';
export type { Anchor, RegisteredRun, RunTerms, VerifierEntry } from './client/types.js';
export type { WatchEvent } from './client/watch.js';
export { type ContractArtifact, registryArtifact } from './contracts/artifact.js';
export type { CompiledVerifier } from './contracts/compiled.js';
export { codeHashAt, DEPLOYER, type Deployment, deploymentAddress, deployOnce } from './contracts/deploy.js';
export { usesDevelopmentSrs } from './contracts/development.js';
export { chainError, revertError } from './contracts/errors.js';
export { EvaluationDraws, type FixedDraw } from './draws/client.js';
export { DRAWS_ADDRESS, type DrawsContract } from './draws/contract.js';
export { evaluationDigest } from './draws/evaluation.js';
export type { DrawsOptions } from './draws/options.js';
export { contextOfDraw, drawnIndices } from './draws/rule.js';
export {
  type DrawnSamples,
  discloseSamples,
  makeTestSet,
  readTestSet,
  summaryOfTestSet,
  type TestSetFile,
} from './draws/testSet.js';
export type { Draw, DrawTerms, RegisteredTestSet } from './draws/types.js';
export {
  type DrawExpectations,
  type DrawnReport,
  type VerifyDrawnOptions,
  verifyDrawnEvaluation,
} from './draws/verify.js';
export { signerFromEnvironment } from './keys/signer.js';
export { type EvmProof, evmProofSchema, parseEvmProof } from './proofFile/evmProof.js';
export { packEvmProof } from './proofFile/pack.js';
export { termsOfRun } from './proofFile/terms.js';
export {
  type AggregateStatement,
  proofBytesOf,
  readStatement,
  STATEMENT_INPUTS,
} from './statement/statement.js';
