// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

import {ITrainingRegistry} from "./ITrainingRegistry.sol";

/// Datasets and settings of runs that have not begun, each with the first block that has it. The hash of the block after that one is a value
/// that nobody knew when both were fixed: the run's order and first weights follow from it, so that they could not be chosen.
abstract contract Announcements is ITrainingRegistry {
    mapping(bytes32 => uint256) private blocks;

    /// Announces a dataset's root and the digest of all settings. The first block stands: a second one would be a second try.
    function announce(bytes32 datasetRoot, bytes32 settings) external {
        bytes32 key = announcementOf(datasetRoot, settings);
        if (blocks[key] != 0) revert AnnouncementExists(datasetRoot, settings, blocks[key]);
        blocks[key] = block.number;
        emit Announced(msg.sender, datasetRoot, settings);
    }

    /// Block in which both were announced, 0 where they were not.
    function announced(bytes32 datasetRoot, bytes32 settings) external view returns (uint256 blockNumber) {
        return blocks[announcementOf(datasetRoot, settings)];
    }

    function announcementOf(bytes32 datasetRoot, bytes32 settings) private pure returns (bytes32) {
        return keccak256(abi.encode(datasetRoot, settings));
    }
}
