// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

// Verifiers that misbehave, for the registry's tests. None of them is a stand-in for a real one.

/// Refuses with megabytes of data: the registry must not copy them.
contract ReturnBomb {
    fallback() external {
        assembly {
            revert(0, 4000000)
        }
    }
}

/// Never ends.
contract BurnsGas {
    fallback() external {
        while (true) {}
    }
}

/// Refuses with a reason.
contract Reverts {
    fallback() external {
        revert("no");
    }
}

/// Accepts, but tries to write: a verifier is called without the right to.
contract Writes {
    uint256 private count;

    fallback() external {
        count++;
    }
}

/// Says false and does not revert: what counts is whether the call succeeds, so this one accepts everything.
contract SaysFalse {
    fallback(bytes calldata) external returns (bytes memory) {
        return abi.encode(false);
    }
}

/// Calls the registry back, to anchor within an anchor.
contract Reenters {
    fallback(bytes calldata statement) external returns (bytes memory) {
        (bool ok, ) = msg.sender.call(abi.encodeWithSignature("anchor(bytes)", statement));
        require(ok);
        return "";
    }
}
