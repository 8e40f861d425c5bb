// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

import {ITrainingRegistry} from "./ITrainingRegistry.sol";

/// The calldata of a verifier: 22 public inputs of the wrapper circuit as 32-byte words, then the proof.
library Statement {
    uint256 internal constant INPUTS = 22;
    uint256 internal constant INPUT_BYTES = 32 * INPUTS;
    /// Limbs of the accumulator: the first inputs, 88 bits each.
    uint256 internal constant LIMBS = 12;

    uint256 internal constant RUN_ID = 12;
    uint256 internal constant ETA = 13;
    uint256 internal constant FIRST_STEP = 14;
    uint256 internal constant END_STEP = 15;
    uint256 internal constant WEIGHTS_IN = 16;
    uint256 internal constant WEIGHTS_OUT = 17;
    uint256 internal constant DATASET_ROOT = 18;
    uint256 internal constant SCHEDULE = 19;
    uint256 internal constant BASE = 20;
    uint256 internal constant DEPTH = 21;

    /// Order of BN254's scalar field.
    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    /// Input `index`, below INPUTS. The statement's length was checked before: calldataload itself reads zeros past the end.
    function input(bytes calldata statement, uint256 index) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(statement.offset, mul(32, index)))
        }
    }

    /// Refuses inputs that are not the one encoding of a field element, and limbs that are too large. A verifier as
    /// snark-verifier generates it takes each input modulo R: without this check x and x + R would both verify and be two
    /// different digests to the registry.
    function requireCanonical(bytes calldata statement) internal pure {
        if (isCanonical(statement)) return;
        for (uint256 i = 0; i < INPUTS; ++i) {
            uint256 value = input(statement, i);
            if (value >= R) revert ITrainingRegistry.NotCanonical(i);
            if (i < LIMBS && value >= 1 << 88) revert ITrainingRegistry.LimbTooLarge(i);
        }
    }

    /// Without a loop's counting: this is part of every anchor.
    function isCanonical(bytes calldata statement) private pure returns (bool ok) {
        unchecked {
            uint256 limbs = input(statement, 0) | input(statement, 1) | input(statement, 2) | input(statement, 3);
            limbs |= input(statement, 4) | input(statement, 5) | input(statement, 6) | input(statement, 7);
            limbs |= input(statement, 8) | input(statement, 9) | input(statement, 10) | input(statement, 11);
            ok = limbs < 1 << 88;
        }
        assembly ("memory-safe") {
            // Inputs 12 to 21.
            let at := add(statement.offset, 384)
            let end := add(statement.offset, 704)
            for {} lt(at, end) { at := add(at, 32) } { ok := and(ok, lt(calldataload(at), R)) }
        }
    }
}
