// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

import {ITrainingRegistry, Verifier} from "./ITrainingRegistry.sol";

/// Verifiers by what they do, not by who added them: the id is the hash of the code's hash and of the proofs' length, so
/// anyone may add one and nobody can change one. To trust an id is to trust that code; a new key is a new id.
abstract contract VerifierCatalogue is ITrainingRegistry {
    uint32 private constant MAX_PROOF_BYTES = 1 << 16;

    mapping(bytes32 => Verifier) private verifiers;

    /// The id of a verifier with this code and this length of proof.
    function verifierIdOf(bytes32 codeHash, uint32 proofBytes) public pure returns (bytes32) {
        return keccak256(abi.encode(codeHash, proofBytes));
    }

    /// The verifier with this id; all zeros for an unknown one.
    function getVerifier(bytes32 verifierId) external view returns (Verifier memory) {
        return verifiers[verifierId];
    }

    /// Adds the contract at `target`, which must have exactly the code with hash `codeHash`. Adding the same code again moves
    /// the id only where the old address lost its code.
    function addVerifier(address target, bytes32 codeHash, uint32 proofBytes) external returns (bytes32 verifierId) {
        if (proofBytes == 0 || proofBytes > MAX_PROOF_BYTES) revert VerifierProofBytes(proofBytes);
        requireCode(target, codeHash);
        verifierId = verifierIdOf(codeHash, proofBytes);
        Verifier storage known = verifiers[verifierId];
        if (known.target != address(0) && known.target.codehash == codeHash) return verifierId;
        verifiers[verifierId] = Verifier(target, proofBytes, uint64(block.number), codeHash);
        emit VerifierAdded(verifierId, target, codeHash, proofBytes);
    }

    /// The verifier with this id, with its code checked now: a call to an address without code succeeds, so an address
    /// that lost its code would accept everything.
    function liveVerifier(bytes32 verifierId) internal view returns (Verifier memory verifier) {
        verifier = verifiers[verifierId];
        if (verifier.target == address(0)) revert VerifierUnknown(verifierId);
        requireCode(verifier.target, verifier.codeHash);
    }

    /// Whether the verifier accepts the statement. Nothing of what it returns is copied, so it cannot exhaust memory.
    function accepts(address verifier, bytes calldata statement) internal view returns (bool ok) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, statement.offset, statement.length)
            ok := staticcall(gas(), verifier, data, statement.length, 0, 0)
        }
    }

    function requireCode(address target, bytes32 codeHash) private view {
        if (target.code.length == 0) revert VerifierWithoutCode(target);
        if (target.codehash != codeHash) revert VerifierCodeHash(codeHash, target.codehash);
    }
}
