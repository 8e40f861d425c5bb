// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.19;

/// Where a run stands and the places of its last anchors, in one word; the places of four anchors, in another.
///
/// A place has 64 bits: the step after the anchor, and the blocks between the run's registration and the anchor, each 32. A word of
/// four places is written once, with the fourth: so of four anchors one pays for a new word and three pay nothing.
///
///     open:    number of anchors + 1 | step after the last | place 2 | place 1 | place 0      (of the group that is not full)
///     history:                                        place 3 | place 2 | place 1 | place 0
library Progress {
    /// No anchor yet: not 0, so that the first anchor writes no new word.
    uint256 internal constant START = 1 << 224;
    /// Anchors in a word.
    uint256 internal constant GROUP = 4;
    uint256 private constant PLACE = 64;
    uint256 private constant PLACES = (1 << 192) - 1;

    function count(uint256 progress) internal pure returns (uint256) {
        unchecked {
            return (progress >> 224) - 1;
        }
    }

    function nextStep(uint256 progress) internal pure returns (uint256) {
        return uint32(progress >> 192);
    }

    /// The places of the group that is not full.
    function open(uint256 progress) internal pure returns (uint256) {
        return progress & PLACES;
    }

    /// Step and blocks at position `at` of a word of places.
    function place(uint256 word, uint256 at) internal pure returns (uint256 endStep, uint256 blocks) {
        uint256 found = word >> (PLACE * at);
        return (uint32(found >> 32), uint32(found));
    }

    /// The word after one more anchor, and the full word of its group where it is the fourth, else 0. `endStep` is below 2^32;
    /// 2^32 blocks or anchors are not reached: blocks of a second each would take 136 years.
    function after_(
        uint256 progress,
        uint256 endStep,
        uint256 blocks
    ) internal pure returns (uint256 next, uint256 full) {
        uint256 index = count(progress);
        uint256 at = index % GROUP;
        uint256 places = open(progress) | (((endStep << 32) | uint32(blocks)) << (PLACE * at));
        if (at == GROUP - 1) (places, full) = (0, places);
        next = ((index + 2) << 224) | (endStep << 192) | places;
    }
}
