//! Where cells lie.

use crate::block::{HEIGHT, ORIGIN};
use crate::builder::{Builder, Rows};
use crate::cell::Place;
use crate::folding::Folding;
use crate::limbs::CHUNK_BITS;
use crate::poseidon::ROWS;

/// Rows of F for public inputs.
pub const PUBLIC_ROWS: usize = 64;
/// Rows at the end of every column that nothing uses: halo2 blinds as many as the most often read column is read, and three more.
pub const RESERVED_ROWS: usize = 64;
/// The same where columns are folded.
const RESERVED_FOLDED: usize = 128;

/// First rows of the strips. F: public inputs, constants, arithmetic. The others: the range table from row 1 on;
/// blocks beside F's arithmetic, so that no two of them read the same row of the constants' column; permutations
/// below the running sum's last row. All rows are logical ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// First row of F's arithmetic and of the blocks.
    pub start: usize,
    folding: Folding,
    native: usize,
    blocks: usize,
    hashes: usize,
}

/// Physical rows at the end of every column that nothing uses.
pub fn reserved(folding: Folding) -> usize {
    if folding.fold == 1 {
        RESERVED_ROWS
    } else {
        RESERVED_FOLDED
    }
}

impl Layout {
    pub fn new(b: &Builder, folding: Folding) -> Self {
        Self { start: PUBLIC_ROWS + b.constants.len(), folding, native: b.native.len(), blocks: b.blocks.len(), hashes: b.hashes.len() }
    }

    /// Rows of the range table, from row 1 on: its parts lie beside each other.
    pub fn table_rows(&self) -> usize {
        (1 << CHUNK_BITS) / self.folding.tables
    }

    /// Last row of the running sum.
    pub fn sum_end(&self) -> usize {
        self.table_rows().max(self.start + self.blocks * HEIGHT as usize)
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

    /// The row after the last one in use.
    pub fn end(&self) -> usize {
        (self.start + self.native).max(self.hash(self.hashes))
    }

    /// The smallest k with room for everything.
    pub fn min_k(&self) -> u32 {
        let rows = self.folding.base(self.end()) + reserved(self.folding);
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
