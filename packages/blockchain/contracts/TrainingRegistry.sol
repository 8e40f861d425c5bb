// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

import {Anchor, Run, RunTerms, Verifier} from "./ITrainingRegistry.sol";
import {Statement} from "./Statement.sol";
import {VerifierCatalogue} from "./VerifierCatalogue.sol";

/// Runs and their anchors. There is no administrator, no upgrade and no way to change or remove an anchor.
contract TrainingRegistry is VerifierCatalogue {
    using Statement for bytes;

    uint256 private constant MAX_DEPTH = 32;
    /// Steps stay exact in a JavaScript number.
    uint256 private constant MAX_STEP = 1 << 53;

    mapping(bytes32 => uint256) private commitments;
    mapping(bytes32 => Run) private runs;
    mapping(bytes32 => mapping(uint256 => Anchor)) private anchors;
    mapping(address => mapping(address => bool)) public isOperator;

    /// What `commit` takes for these terms. It hides the run id, which has 248 random bits in it.
    function commitmentOf(address owner, RunTerms calldata terms) public pure returns (bytes32) {
        return keccak256(abi.encode(owner, terms));
    }

    /// Commits to a run before its id is known to anyone. Whoever sees `register` in the pool of open transactions
    /// cannot take the run id, since he has no commitment of an earlier block.
    function commit(bytes32 commitment) external {
        if (commitments[commitment] != 0) revert CommitmentExists(commitment);
        commitments[commitment] = (block.timestamp << 128) | block.number;
        emit Committed(msg.sender, commitment);
    }

    /// Block and time of a commitment, 0 where there is none.
    function committed(bytes32 commitment) external view returns (uint256 blockNumber, uint256 time) {
        uint256 packed = commitments[commitment];
        return (uint128(packed), packed >> 128);
    }

    /// Registers a run that was committed to in an earlier block.
    function register(RunTerms calldata terms) external {
        bytes32 commitment = commitmentOf(msg.sender, terms);
        uint256 packed = commitments[commitment];
        if (packed == 0) revert CommitmentUnknown(commitment);
        if (uint128(packed) >= block.number) revert CommitmentTooYoung(commitment);
        if (runs[terms.runId].owner != address(0)) revert RunExists(terms.runId);
        requireTerms(terms);
        liveVerifier(terms.verifierId);
        runs[terms.runId] = Run({
            owner: msg.sender,
            committedAt: uint48(packed >> 128),
            registeredAt: uint48(block.timestamp),
            nextStep: 0,
            anchorCount: 0,
            eta: terms.eta,
            depth: terms.depth,
            schedules: terms.runId,
            datasetRoot: terms.datasetRoot,
            genesis: terms.genesis,
            base: terms.base,
            hyperparameters: terms.hyperparameters,
            windowKey: terms.windowKey,
            verifierId: terms.verifierId
        });
        emit RunRegistered(terms.runId, msg.sender, terms.verifierId, terms.genesis, terms.datasetRoot);
    }

    /// Lets `operator` anchor the caller's runs, or no longer.
    function setOperator(address operator, bool allowed) external {
        isOperator[msg.sender][operator] = allowed;
        emit OperatorSet(msg.sender, operator, allowed);
    }

    /// Anchors one aggregate: it must continue its run exactly where the last anchor stopped.
    function anchor(bytes calldata statement) external {
        anchorOne(statement);
    }

    /// Anchors several, of one or of several runs, in order: all or none.
    function anchorBatch(bytes[] calldata statements) external {
        for (uint256 i = 0; i < statements.length; i++) anchorOne(statements[i]);
    }

    /// A run; its owner is 0 where there is none.
    function getRun(bytes32 runId) external view returns (Run memory) {
        return runs[runId];
    }

    /// Where a run stands: the next step and the weights that it must begin with, and the number of anchors.
    function head(bytes32 runId) external view returns (uint256 step, bytes32 weights, uint256 count) {
        Run storage run = runs[runId];
        return (run.nextStep, weightsOf(runId, run), run.anchorCount);
    }

    /// Anchor `index` of a run, from 0.
    function getAnchor(bytes32 runId, uint256 index) external view returns (Anchor memory) {
        if (index >= runs[runId].anchorCount) revert AnchorUnknown(runId, index);
        return anchors[runId][index];
    }

    /// Whether an anchor of the run ends with these weights, the first that does, after which step, and from which data.
    /// For calls from outside, where reading costs nothing: an index would cost every anchor a quarter more.
    function reached(
        bytes32 runId,
        bytes32 weights
    ) external view returns (bool found, uint256 index, uint64 endStep, bytes32 datasetRoot) {
        uint256 count = runs[runId].anchorCount;
        for (index = 0; index < count; index++) {
            Anchor storage entry = anchors[runId][index];
            if (entry.weights == weights) return (true, index, entry.endStep, runs[runId].datasetRoot);
        }
        return (false, 0, 0, 0);
    }

    function anchorOne(bytes calldata statement) private {
        if (statement.length < Statement.INPUT_BYTES) {
            revert StatementLength(Statement.INPUT_BYTES, statement.length);
        }
        bytes32 runId = bytes32(statement.input(Statement.RUN_ID));
        Run storage run = runs[runId];
        address owner = run.owner;
        if (owner == address(0)) revert RunUnknown(runId);
        if (msg.sender != owner && !isOperator[owner][msg.sender]) revert NotAllowed(runId, msg.sender);

        statement.requireCanonical();
        requireContinuation(runId, run, statement);
        requireSameRun(run, statement);

        Verifier memory verifier = liveVerifier(run.verifierId);
        uint256 length = Statement.INPUT_BYTES + verifier.proofBytes;
        if (statement.length != length) revert StatementLength(length, statement.length);
        if (!accepts(verifier.target, statement)) revert ProofRefused(runId, run.verifierId);
        record(runId, run, statement);
    }

    function requireContinuation(bytes32 runId, Run storage run, bytes calldata statement) private view {
        uint256 step = run.nextStep;
        uint256 firstStep = statement.input(Statement.FIRST_STEP);
        uint256 endStep = statement.input(Statement.END_STEP);
        if (firstStep != step) revert StepMismatch(step, firstStep);
        if (endStep <= firstStep || endStep >= MAX_STEP) revert StepRange(firstStep, endStep);
        bytes32 weights = weightsOf(runId, run);
        bytes32 weightsIn = bytes32(statement.input(Statement.WEIGHTS_IN));
        if (weightsIn != weights) revert WeightsMismatch(weights, weightsIn);
    }

    function requireSameRun(Run storage run, bytes calldata statement) private view {
        uint256 eta = statement.input(Statement.ETA);
        if (eta != run.eta) revert RateMismatch(run.eta, eta);
        uint256 depth = statement.input(Statement.DEPTH);
        if (depth != run.depth) revert DepthMismatch(run.depth, depth);
        bytes32 root = bytes32(statement.input(Statement.DATASET_ROOT));
        if (root != run.datasetRoot) revert DatasetMismatch(run.datasetRoot, root);
        bytes32 base = bytes32(statement.input(Statement.BASE));
        if (base != run.base) revert BaseMismatch(run.base, base);
    }

    function record(bytes32 runId, Run storage run, bytes calldata statement) private {
        uint256 index = run.anchorCount;
        bytes32 weights = bytes32(statement.input(Statement.WEIGHTS_OUT));
        bytes32 schedule = bytes32(statement.input(Statement.SCHEDULE));
        uint64 firstStep = uint64(statement.input(Statement.FIRST_STEP));
        uint64 endStep = uint64(statement.input(Statement.END_STEP));
        anchors[runId][index] = Anchor(firstStep, endStep, uint64(block.timestamp), uint64(block.number), weights);
        run.nextStep = endStep;
        run.anchorCount = uint64(index + 1);
        run.schedules = keccak256(abi.encode(run.schedules, schedule));
        bytes32 weightsIn = bytes32(statement.input(Statement.WEIGHTS_IN));
        emit Anchored(runId, index, weights, weightsIn, firstStep, endStep, schedule);
    }

    function weightsOf(bytes32 runId, Run storage run) private view returns (bytes32) {
        uint256 count = run.anchorCount;
        return count == 0 ? run.genesis : anchors[runId][count - 1].weights;
    }

    function requireTerms(RunTerms calldata terms) private pure {
        bool ok = terms.eta != 0 &&
            terms.depth <= MAX_DEPTH &&
            uint256(terms.runId) < Statement.R &&
            uint256(terms.datasetRoot) < Statement.R &&
            uint256(terms.genesis) < Statement.R &&
            uint256(terms.base) < Statement.R;
        if (!ok) revert TermsOutOfRange();
    }
}
