// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

import {Announcements} from "./Announcements.sol";
import {Anchor, Run, RunTerms, Verifier} from "./ITrainingRegistry.sol";
import {Progress} from "./Progress.sol";
import {Statement} from "./Statement.sol";
import {VerifierCatalogue} from "./VerifierCatalogue.sol";

/// Runs and their anchors. There is no administrator, no upgrade and no way to change or remove an anchor.
contract TrainingRegistry is VerifierCatalogue, Announcements {
    using Statement for bytes;
    using Progress for uint256;

    /// How a run is stored. An anchor by the owner reads `seal`, `target` with its slot, and the weights before; it writes
    /// `progress`, `schedules` and new weights. Everything else is read only to say what does not fit.
    struct StoredRun {
        /// Steps, blocks and number of the last anchors: library Progress. Not 0 once registered.
        uint256 progress;
        /// Hash of owner, dataset root, base and the verifier's code and proof length: what must be as it was registered.
        bytes32 seal;
        // One slot.
        address target;
        uint24 proofBytes;
        uint40 registeredBlock;
        uint24 eta;
        uint8 depth;
        bytes32 schedules;
        // One slot.
        address owner;
        uint48 committedAt;
        uint48 registeredAt;
        bytes32 datasetRoot;
        bytes32 genesis;
        bytes32 base;
        bytes32 hyperparameters;
        bytes32 windowKey;
        bytes32 verifierId;
    }

    uint256 private constant MAX_DEPTH = 32;
    /// Rates that the circuit's argument against wrapping around covers: docs/operators/graph.md, section 3.
    uint256 private constant MAX_ETA = 1 << 17;
    /// Steps are numbers of 32 bits in proofs too.
    uint256 private constant MAX_STEP = 1 << 32;

    mapping(bytes32 => uint256) private commitments;
    mapping(bytes32 => StoredRun) private runs;
    /// Weights after anchor `index` of a run.
    mapping(bytes32 => mapping(uint256 => bytes32)) private weights;
    /// Steps and blocks of the anchors 4 i to 4 i + 3 of a run, written with the last of them.
    mapping(bytes32 => mapping(uint256 => uint256)) private history;
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
        StoredRun storage run = runs[terms.runId];
        if (run.owner != address(0)) revert RunExists(terms.runId);
        requireTerms(terms);
        Verifier memory verifier = liveVerifier(terms.verifierId);
        run.progress = Progress.START;
        run.seal = sealOf(msg.sender, terms.datasetRoot, terms.base, verifier.codeHash, verifier.proofBytes);
        run.target = verifier.target;
        run.proofBytes = uint24(verifier.proofBytes);
        run.registeredBlock = uint40(block.number);
        run.eta = uint24(terms.eta);
        run.depth = terms.depth;
        run.schedules = terms.runId;
        run.owner = msg.sender;
        run.committedAt = uint48(packed >> 128);
        run.registeredAt = uint48(block.timestamp);
        run.datasetRoot = terms.datasetRoot;
        run.genesis = terms.genesis;
        run.base = terms.base;
        run.hyperparameters = terms.hyperparameters;
        run.windowKey = terms.windowKey;
        run.verifierId = terms.verifierId;
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
    function getRun(bytes32 runId) external view returns (Run memory run) {
        StoredRun storage stored = runs[runId];
        if (stored.owner == address(0)) return run;
        uint256 progress = stored.progress;
        run.owner = stored.owner;
        run.committedAt = stored.committedAt;
        run.registeredAt = stored.registeredAt;
        run.registeredBlock = stored.registeredBlock;
        run.nextStep = uint64(progress.nextStep());
        run.anchorCount = uint64(progress.count());
        run.eta = stored.eta;
        run.depth = stored.depth;
        run.schedules = stored.schedules;
        run.datasetRoot = stored.datasetRoot;
        run.genesis = stored.genesis;
        run.base = stored.base;
        run.hyperparameters = stored.hyperparameters;
        run.windowKey = stored.windowKey;
        run.verifierId = stored.verifierId;
    }

    /// Where a run stands: the next step and the weights that it must begin with, and the number of anchors.
    function head(bytes32 runId) external view returns (uint256 step, bytes32 weightsAfter, uint256 count) {
        StoredRun storage run = runs[runId];
        uint256 progress = run.progress;
        if (progress == 0) return (0, 0, 0);
        count = progress.count();
        return (progress.nextStep(), weightsBefore(runId, run, count), count);
    }

    /// Anchor `index` of a run, from 0.
    function getAnchor(bytes32 runId, uint256 index) external view returns (Anchor memory) {
        StoredRun storage run = runs[runId];
        uint256 progress = run.progress;
        if (progress == 0 || index >= progress.count()) revert AnchorUnknown(runId, index);
        (uint256 endStep, uint256 blocks) = placeOf(runId, progress, index);
        uint256 firstStep;
        if (index > 0) (firstStep, ) = placeOf(runId, progress, index - 1);
        uint64 blockNumber = uint64(run.registeredBlock + blocks);
        return Anchor(uint64(firstStep), uint64(endStep), blockNumber, weights[runId][index]);
    }

    /// Whether an anchor of the run ends with these weights, the first that does, after which step, and from which data.
    /// For calls from outside, where reading costs nothing: an index would cost every anchor a quarter more.
    function reached(
        bytes32 runId,
        bytes32 wanted
    ) external view returns (bool found, uint256 index, uint64 endStep, bytes32 datasetRoot) {
        uint256 progress = runs[runId].progress;
        uint256 count = progress == 0 ? 0 : progress.count();
        for (index = 0; index < count; index++) {
            if (weights[runId][index] != wanted) continue;
            (uint256 step, ) = placeOf(runId, progress, index);
            return (true, index, uint64(step), runs[runId].datasetRoot);
        }
        return (false, 0, 0, 0);
    }

    function anchorOne(bytes calldata statement) private {
        if (statement.length < Statement.INPUT_BYTES) {
            revert StatementLength(Statement.INPUT_BYTES, statement.length);
        }
        bytes32 runId = bytes32(statement.input(Statement.RUN_ID));
        StoredRun storage run = runs[runId];
        (address target, uint256 proofBytes) = (run.target, run.proofBytes);
        if (!fits(run, target, proofBytes, statement)) target = requireFits(runId, run, statement);

        statement.requireCanonical();
        uint256 progress = run.progress;
        requireContinuation(runId, run, progress, statement);
        if (statement.length != Statement.INPUT_BYTES + proofBytes) {
            revert StatementLength(Statement.INPUT_BYTES + proofBytes, statement.length);
        }
        if (!accepts(target, statement)) revert ProofRefused(runId, run.verifierId);
        record(runId, run, progress, statement);
    }

    /// Whether the caller is the owner, the verifier has its code, and the statement has the registered rate, depth, dataset and
    /// base. False for a run that is not registered: its seal is 0, which is no hash.
    function fits(
        StoredRun storage run,
        address target,
        uint256 proofBytes,
        bytes calldata statement
    ) private view returns (bool) {
        bytes32 root = bytes32(statement.input(Statement.DATASET_ROOT));
        bytes32 base = bytes32(statement.input(Statement.BASE));
        return
            run.seal == sealOf(msg.sender, root, base, target.codehash, proofBytes) &&
            run.eta == statement.input(Statement.ETA) &&
            run.depth == statement.input(Statement.DEPTH);
    }

    /// What does not fit, by its name. What is left is right too: an operator, and a verifier that moved because its address lost its
    /// code. Gives the verifier's address.
    function requireFits(
        bytes32 runId,
        StoredRun storage run,
        bytes calldata statement
    ) private view returns (address) {
        address owner = run.owner;
        if (owner == address(0)) revert RunUnknown(runId);
        if (msg.sender != owner && !isOperator[owner][msg.sender]) revert NotAllowed(runId, msg.sender);
        statement.requireCanonical();
        requireContinuation(runId, run, run.progress, statement);
        uint256 eta = statement.input(Statement.ETA);
        if (eta != run.eta) revert RateMismatch(run.eta, eta);
        uint256 depth = statement.input(Statement.DEPTH);
        if (depth != run.depth) revert DepthMismatch(run.depth, depth);
        bytes32 root = bytes32(statement.input(Statement.DATASET_ROOT));
        if (root != run.datasetRoot) revert DatasetMismatch(run.datasetRoot, root);
        bytes32 base = bytes32(statement.input(Statement.BASE));
        if (base != run.base) revert BaseMismatch(run.base, base);
        return liveVerifier(run.verifierId).target;
    }

    function requireContinuation(
        bytes32 runId,
        StoredRun storage run,
        uint256 progress,
        bytes calldata statement
    ) private view {
        uint256 step = progress.nextStep();
        uint256 firstStep = statement.input(Statement.FIRST_STEP);
        uint256 endStep = statement.input(Statement.END_STEP);
        if (firstStep != step) revert StepMismatch(step, firstStep);
        if (endStep <= firstStep || endStep >= MAX_STEP) revert StepRange(firstStep, endStep);
        bytes32 before = weightsBefore(runId, run, progress.count());
        bytes32 weightsIn = bytes32(statement.input(Statement.WEIGHTS_IN));
        if (weightsIn != before) revert WeightsMismatch(before, weightsIn);
    }

    function record(bytes32 runId, StoredRun storage run, uint256 progress, bytes calldata statement) private {
        uint256 index = progress.count();
        bytes32 weightsOut = bytes32(statement.input(Statement.WEIGHTS_OUT));
        bytes32 schedule = bytes32(statement.input(Statement.SCHEDULE));
        uint256 endStep = statement.input(Statement.END_STEP);
        weights[runId][index] = weightsOut;
        (uint256 next, uint256 full) = progress.after_(endStep, block.number - run.registeredBlock);
        if (full != 0) history[runId][index / Progress.GROUP] = full;
        run.progress = next;
        run.schedules = keccak256(abi.encode(run.schedules, schedule));
        emit Anchored(runId, index, weightsOut, endStep, schedule);
    }

    /// Step after anchor `index`, which there is, and blocks between registration and it.
    function placeOf(
        bytes32 runId,
        uint256 progress,
        uint256 index
    ) private view returns (uint256 endStep, uint256 blocks) {
        uint256 group = index / Progress.GROUP;
        bool open = group == progress.count() / Progress.GROUP;
        return (open ? progress.open() : history[runId][group]).place(index % Progress.GROUP);
    }

    function weightsBefore(bytes32 runId, StoredRun storage run, uint256 count) private view returns (bytes32) {
        return count == 0 ? run.genesis : weights[runId][count - 1];
    }

    function sealOf(
        address owner,
        bytes32 root,
        bytes32 base,
        bytes32 codeHash,
        uint256 proofBytes
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(owner, root, base, codeHash, proofBytes));
    }

    function requireTerms(RunTerms calldata terms) private pure {
        bool ok = terms.eta != 0 &&
            terms.eta < MAX_ETA &&
            terms.depth <= MAX_DEPTH &&
            uint256(terms.runId) < Statement.R &&
            uint256(terms.datasetRoot) < Statement.R &&
            uint256(terms.genesis) < Statement.R &&
            uint256(terms.base) < Statement.R;
        if (!ok) revert TermsOutOfRange();
    }
}
