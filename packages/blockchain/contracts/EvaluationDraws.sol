// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

import {Run} from "./ITrainingRegistry.sol";

/// What a registry of training runs is asked.
interface IRuns {
    function getRun(bytes32 runId) external view returns (Run memory run);

    function reached(
        bytes32 runId,
        bytes32 weights
    ) external view returns (bool found, uint256 index, uint64 endStep, bytes32 datasetRoot);
}

/// A test set: root of the tree over its samples, and how many they are.
struct TestSet {
    address owner;
    uint32 samples;
    uint64 registeredBlock;
    bytes32 root;
}

/// What is asked for with a draw.
struct DrawTerms {
    bytes32 testSet;
    /// Digest of the model's weights, as proofs of inferences have it.
    bytes32 model;
    /// A registry and a run that ended with these weights; both 0 for a model of another origin.
    address registry;
    bytes32 runId;
    /// How many samples are drawn.
    uint32 samples;
    /// Blocks after the one that draws, in which the answer is taken.
    uint32 window;
}

struct Draw {
    address requester;
    uint64 requestedBlock;
    uint64 answeredBlock;
    DrawTerms terms;
    /// Hash of the block after the request, and the seed that follows from it; 0 until somebody fixed them.
    bytes32 blockHash;
    bytes32 seed;
    /// Digest of the proofs' files, 0 until they are registered.
    bytes32 evaluation;
}

/// Samples of a test set on which a model is evaluated, drawn by the hash of a block that came after both were fixed. No proof is
/// verified here: the contract says which samples, of which set, for which model, since when, and which files answer.
/// docs/operate/drawn-evaluations.md says what a reader checks.
contract EvaluationDraws {
    /// Samples of a test set, and of a draw.
    uint256 public constant MAX_TEST_SET = 1 << 20;
    uint256 public constant MAX_SAMPLES = 4096;
    uint256 public constant MAX_WINDOW = 1 << 24;
    /// EIP-2935: hashes of the last 8191 blocks, where a chain has it.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    mapping(bytes32 => TestSet) private testSets;
    mapping(bytes32 => Draw) private draws;

    event TestSetRegistered(bytes32 indexed testSet, address indexed owner, bytes32 root, uint32 samples);
    event DrawRequested(bytes32 indexed draw, bytes32 indexed testSet, bytes32 indexed model, address requester);
    event DrawFixed(bytes32 indexed draw, bytes32 blockHash, bytes32 seed);
    event DrawAnswered(bytes32 indexed draw, bytes32 evaluation);

    error TestSetInvalid();
    error TestSetExists(bytes32 testSet);
    error TestSetUnknown(bytes32 testSet);
    error TestSetTooYoung(bytes32 testSet);
    error Terms();
    error ModelNotAnchored(bytes32 runId, bytes32 model);
    error NotRunOwner(bytes32 runId, address caller);
    error Exists(bytes32 draw);
    error Unknown(bytes32 draw);
    error TooEarly(bytes32 draw, uint256 blockNumber);
    error TooOld(bytes32 draw, uint256 blockNumber);
    error NotRequester(bytes32 draw, address caller);
    error SeedMismatch(bytes32 expected, bytes32 found);
    error WindowClosed(bytes32 draw, uint256 lastBlock);
    error Answered(bytes32 draw, bytes32 evaluation);

    function testSetId(address owner, bytes32 root, uint32 samples) public pure returns (bytes32) {
        return keccak256(abi.encode(owner, root, samples));
    }

    /// One for an account, a test set and a model: another number of samples would be another try.
    function drawId(address requester, bytes32 testSet, bytes32 model) public pure returns (bytes32) {
        return keccak256(abi.encode(requester, testSet, model));
    }

    /// Registers a test set. It stays as it is.
    function registerTestSet(bytes32 root, uint32 samples) external returns (bytes32 id) {
        if (root == 0 || samples == 0 || samples > MAX_TEST_SET) revert TestSetInvalid();
        id = testSetId(msg.sender, root, samples);
        if (testSets[id].owner != address(0)) revert TestSetExists(id);
        testSets[id] = TestSet(msg.sender, samples, uint64(block.number), root);
        emit TestSetRegistered(id, msg.sender, root, samples);
    }

    /// Names the model, and asks for samples of a test set of an earlier block: those that the next block's hash draws. A model of a
    /// run is named by the run's owner alone, after an anchor has it.
    function request(DrawTerms calldata terms) external returns (bytes32 id) {
        TestSet storage set = testSets[terms.testSet];
        if (set.owner == address(0)) revert TestSetUnknown(terms.testSet);
        if (set.registeredBlock >= block.number) revert TestSetTooYoung(terms.testSet);
        requireTerms(terms, set.samples);
        id = drawId(msg.sender, terms.testSet, terms.model);
        Draw storage draw = draws[id];
        if (draw.requester != address(0)) revert Exists(id);
        draw.requester = msg.sender;
        draw.requestedBlock = uint64(block.number);
        draw.terms = terms;
        emit DrawRequested(id, terms.testSet, terms.model, msg.sender);
    }

    /// Fixes the seed, while the chain has the hash: 256 blocks, or 8191 with EIP-2935. Anyone may; again it changes nothing.
    function fix(bytes32 id) public returns (bytes32 seed) {
        Draw storage draw = known(id);
        if (draw.seed != 0) return draw.seed;
        uint256 drawing = uint256(draw.requestedBlock) + 1;
        if (block.number <= drawing) revert TooEarly(id, drawing);
        bytes32 found = hashOf(drawing);
        if (found == 0) revert TooOld(id, drawing);
        seed = keccak256(abi.encode(block.chainid, address(this), id, found));
        draw.blockHash = found;
        draw.seed = seed;
        emit DrawFixed(id, found, seed);
    }

    /// Registers the evaluation, once and in its window. `seed` is the one whose samples it is of: on another branch of the chain it
    /// is refused.
    function answer(bytes32 id, bytes32 seed, bytes32 evaluation) external {
        Draw storage draw = known(id);
        if (msg.sender != draw.requester) revert NotRequester(id, msg.sender);
        if (draw.evaluation != 0) revert Answered(id, draw.evaluation);
        uint256 last = uint256(draw.requestedBlock) + 1 + draw.terms.window;
        if (block.number > last) revert WindowClosed(id, last);
        bytes32 expected = fix(id);
        if (seed != expected) revert SeedMismatch(expected, seed);
        if (evaluation == 0) revert Terms();
        draw.evaluation = evaluation;
        draw.answeredBlock = uint64(block.number);
        emit DrawAnswered(id, evaluation);
    }

    /// Without an owner: unknown.
    function getTestSet(bytes32 id) external view returns (TestSet memory) {
        return testSets[id];
    }

    /// Without a requester: unknown.
    function getDraw(bytes32 id) external view returns (Draw memory) {
        return draws[id];
    }

    /// The samples that are drawn, in rising order; of a draw whose seed is fixed.
    function indices(bytes32 id) external view returns (uint32[] memory) {
        Draw storage draw = known(id);
        if (draw.seed == 0) revert TooEarly(id, uint256(draw.requestedBlock) + 1);
        return drawn(draw.seed, testSets[draw.terms.testSet].samples, draw.terms.samples);
    }

    /// `samples` different numbers below `from`, each set of so many as likely as any other, but for 2^-235: Floyd's algorithm
    /// (Bentley and Floyd, "A sample of brilliance", 1987), the number below j + 1 being keccak256(seed, j) modulo it.
    function drawn(bytes32 seed, uint32 from, uint32 samples) public pure returns (uint32[] memory list) {
        if (from == 0 || from > MAX_TEST_SET || samples == 0 || samples > from || samples > MAX_SAMPLES) revert Terms();
        uint256[] memory taken = new uint256[]((uint256(from) + 255) / 256);
        for (uint256 j = from - samples; j < from; ++j) {
            uint256 t = uint256(keccak256(abi.encode(seed, j))) % (j + 1);
            if ((taken[t >> 8] >> (t & 255)) & 1 == 1) t = j;
            taken[t >> 8] |= 1 << (t & 255);
        }
        list = new uint32[](samples);
        uint256 count = 0;
        for (uint256 i = 0; count < samples; ++i) {
            if ((taken[i >> 8] >> (i & 255)) & 1 == 1) list[count++] = uint32(i);
        }
    }

    function known(bytes32 id) private view returns (Draw storage draw) {
        draw = draws[id];
        if (draw.requester == address(0)) revert Unknown(id);
    }

    function requireTerms(DrawTerms calldata terms, uint32 from) private view {
        if (terms.model == 0 || terms.samples == 0 || terms.samples > from || terms.samples > MAX_SAMPLES) revert Terms();
        if (terms.window == 0 || terms.window > MAX_WINDOW) revert Terms();
        if ((terms.registry == address(0)) != (terms.runId == 0)) revert Terms();
        if (terms.registry == address(0)) return;
        if (IRuns(terms.registry).getRun(terms.runId).owner != msg.sender) {
            revert NotRunOwner(terms.runId, msg.sender);
        }
        (bool found, , , ) = IRuns(terms.registry).reached(terms.runId, terms.model);
        if (!found) revert ModelNotAnchored(terms.runId, terms.model);
    }

    /// 0 where the chain does not have it any more.
    function hashOf(uint256 number) private view returns (bytes32 found) {
        found = blockhash(number);
        if (found != 0 || HISTORY.code.length == 0) return found;
        (bool ok, bytes memory answer_) = HISTORY.staticcall(abi.encode(number));
        if (ok && answer_.length == 32) found = abi.decode(answer_, (bytes32));
    }
}
