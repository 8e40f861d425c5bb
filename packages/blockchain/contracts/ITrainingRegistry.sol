// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

/// What fixes a run before its first anchor. Everything but the verifier is behind the run id, which every proof carries;
/// docs/operate/on-chain.md says who checks what.
struct RunTerms {
    bytes32 runId;
    /// Poseidon Merkle root over the shards' digests, and the depth of that tree.
    bytes32 datasetRoot;
    uint8 depth;
    /// Integer learning rate.
    uint64 eta;
    /// Digest of the commitment to the first weights.
    bytes32 genesis;
    /// Digest of the frozen base, 0 without one.
    bytes32 base;
    /// For auditors, not in the proof's statement: SHA-256 of the canonical JSON of circuits, rate and reference string...
    bytes32 hyperparameters;
    /// ... and digest of the windows' verifying key.
    bytes32 windowKey;
    /// A verifier of the catalogue.
    bytes32 verifierId;
}

/// A registered run: the terms without its id, who registered it when, and where it stands.
struct Run {
    address owner;
    uint48 committedAt;
    uint48 registeredAt;
    uint64 registeredBlock;
    uint64 nextStep;
    uint64 anchorCount;
    uint64 eta;
    uint8 depth;
    /// Chain over the anchors' schedule hashes: h = keccak256(h, schedule), beginning with the run id. Not checked here:
    /// auditors compute it from the public schedule.
    bytes32 schedules;
    bytes32 datasetRoot;
    bytes32 genesis;
    bytes32 base;
    bytes32 hyperparameters;
    bytes32 windowKey;
    bytes32 verifierId;
}

/// One accepted aggregate: steps [firstStep, endStep) led from the weights before to `weights`. Its time is that of its block.
struct Anchor {
    uint64 firstStep;
    uint64 endStep;
    uint64 blockNumber;
    bytes32 weights;
}

/// A verifier contract. Its id is the hash of its code's hash and its proofs' length.
struct Verifier {
    address target;
    uint32 proofBytes;
    /// Block in which it was added, at this address.
    uint64 addedBlock;
    bytes32 codeHash;
}

interface ITrainingRegistry {
    event VerifierAdded(bytes32 indexed verifierId, address indexed target, bytes32 codeHash, uint32 proofBytes);
    event Announced(address indexed announcer, bytes32 indexed datasetRoot, bytes32 indexed settings);
    event Committed(address indexed owner, bytes32 indexed commitment);
    event RunRegistered(bytes32 indexed runId, address indexed owner, bytes32 indexed verifierId, bytes32 genesis, bytes32 datasetRoot);
    event OperatorSet(address indexed owner, address indexed operator, bool allowed);
    /// First step and weights in are the end of the anchor before.
    event Anchored(
        bytes32 indexed runId,
        uint256 indexed index,
        bytes32 indexed weightsOut,
        uint256 endStep,
        bytes32 schedule
    );

    error VerifierWithoutCode(address target);
    error VerifierCodeHash(bytes32 expected, bytes32 found);
    error VerifierUnknown(bytes32 verifierId);
    error VerifierProofBytes(uint32 proofBytes);
    error AnnouncementExists(bytes32 datasetRoot, bytes32 settings, uint256 blockNumber);
    error CommitmentExists(bytes32 commitment);
    error CommitmentUnknown(bytes32 commitment);
    error CommitmentTooYoung(bytes32 commitment);
    error RunExists(bytes32 runId);
    error RunUnknown(bytes32 runId);
    error AnchorUnknown(bytes32 runId, uint256 index);
    error TermsOutOfRange();
    error NotAllowed(bytes32 runId, address caller);
    error StatementLength(uint256 expected, uint256 found);
    error NotCanonical(uint256 word);
    error LimbTooLarge(uint256 word);
    error StepMismatch(uint256 expected, uint256 found);
    error StepRange(uint256 firstStep, uint256 endStep);
    error WeightsMismatch(bytes32 expected, bytes32 found);
    error RateMismatch(uint256 expected, uint256 found);
    error DatasetMismatch(bytes32 expected, bytes32 found);
    error DepthMismatch(uint256 expected, uint256 found);
    error BaseMismatch(bytes32 expected, bytes32 found);
    error ProofRefused(bytes32 runId, bytes32 verifierId);
}
