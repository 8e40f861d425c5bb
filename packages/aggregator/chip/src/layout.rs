//! Where cells lie.

use crate::block::{HEIGHT, ORIGIN};
use crate::builder::{Builder, Rows};
use crate::cell::Place;
use crate::limbs::CHUNK_BITS;
use crate::poseidon::ROWS;

/// Rows of F for public inputs.
pub const PUBLIC_ROWS: usize = 64;
/// Rows at the end of every column that nothing uses: halo2 blinds some of them.
pub const RESERVED_ROWS: usize = 64;

/// First rows of the strips. F: public inputs, constants, arithmetic. The others: the range table from row 1 on;
/// blocks beside F's arithmetic, so that no two of them read the same row of the constants' column; permutations
/// below the running sum's last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// First row of F's arithmetic and of the blocks.
    pub start: usize,
    native: usize,
    blocks: usize,
    hashes: usize,
}

impl Layout {
    pub fn new(b: &Builder) -> Self {
        Self { start: PUBLIC_ROWS + b.constants.len(), native: b.native.len(), blocks: b.blocks.len(), hashes: b.hashes.len() }
    }

    /// Last row of the running sum.
    pub fn sum_end(&self) -> usize {
        (1 << CHUNK_BITS).max(self.start + self.blocks * HEIGHT as usize)
    }

    /// Row that a block's gates are anchored to.
    pub fn origin(&self, block: usize) -> usize {
        self.start + block * HEIGHT as usize + ORIGIN as usize
    }

    /// First row of a permutation.
    pub fn hash(&self, index: usize) -> usize {
        self.sum_end() + 2 + index * ROWS as usize
    }

    pub fn rows(&self) -> Rows {
        Rows { native: self.start + self.native, wide: self.start + self.blocks * HEIGHT as usize + self.hashes * ROWS as usize }
    }

    /// The smallest k with room for everything.
    pub fn min_k(&self) -> u32 {
        let rows = (self.start + self.native).max(self.hash(self.hashes)) + RESERVED_ROWS;
        rows.next_power_of_two().trailing_zeros()
    }

    /// Whether a place is in column F (else T), and its row.
    pub fn row(&self, place: Place) -> (bool, usize) {
        match place {
            Place::Constant(i) => (true, PUBLIC_ROWS + i as usize),
            Place::Native(i) => (true, self.start + i as usize),
            Place::Wide(i) => (false, self.start + i as usize),
            Place::Hash(i) => (false, self.hash(0) + i as usize),
        }
    }
}
