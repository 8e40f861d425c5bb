//! Where cells lie.

use crate::block::{t_cell, CELLS, HEIGHT, ORIGIN};
use crate::cell::Place;
use crate::config::TABLES;
use crate::limbs::CHUNK_BITS;
use crate::packing::{Packing, PUBLIC_ROWS};
use crate::poseidon::{COPIES, ROWS, WIDTH};

/// First row of the running sum and of the range table: low enough that no gate of these rows reads above the first row.
pub const SUM_ROW: usize = HEIGHT as usize;
/// Rows of the range table: its parts lie beside each other.
pub const TABLE_ROWS: usize = (1 << CHUNK_BITS) / TABLES;
// F's gates are on in the running sum's rows alone.
const _: () = assert!(PUBLIC_ROWS >= SUM_ROW);
/// Rows at the end of every column that nothing uses: halo2 blinds as many as the most often read column is read, and three more.
pub const RESERVED_ROWS: usize = 64;
/// The same where columns are packed.
const RESERVED_PACKED: usize = 128;

/// Rows that a circuit takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Of column F.
    pub native: usize,
    /// Of the other columns: blocks of curve arithmetic and range checks, and permutations.
    pub wide: usize,
}

/// How much of each kind a circuit has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub constants: usize,
    /// Values of column F, constants apart.
    pub native: usize,
    pub blocks: usize,
    /// Permutations.
    pub hashes: usize,
}

/// A column that copies are possible in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    F,
    T(usize),
}

/// First rows of the strips. F: public inputs, constants, arithmetic. The others: the range table and blocks from `SUM_ROW` on; permutations
/// below the running sum's last row, which is below F's arithmetic as well: its flags mean other gates there. All rows are logical ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// First row of F's arithmetic.
    pub start: usize,
    packing: Packing,
    native: usize,
    blocks: usize,
    hashes: usize,
}

/// Physical rows at the end of every column that nothing uses.
pub fn reserved(packing: Packing) -> usize {
    if packing.factor == 1 {
        RESERVED_ROWS
    } else {
        RESERVED_PACKED
    }
}

impl Layout {
    pub fn new(counts: Counts, packing: Packing) -> Self {
        let Counts { constants, native, blocks, hashes } = counts;
        Self { start: PUBLIC_ROWS + constants, packing, native, blocks, hashes }
    }

    /// Last row of the running sum.
    pub fn sum_end(&self) -> usize {
        (SUM_ROW + TABLE_ROWS - 1).max(self.start + self.native).max(self.block(self.blocks))
    }

    /// First row of a block.
    pub fn block(&self, index: usize) -> usize {
        SUM_ROW + index * HEIGHT as usize
    }

    /// Row that a block's gates are anchored to.
    pub fn origin(&self, block: usize) -> usize {
        self.block(block) + ORIGIN as usize
    }

    /// First row of a permutation.
    pub fn hash(&self, index: usize) -> usize {
        self.sum_end() + 2 + index * ROWS
    }

    pub fn rows(&self) -> Rows {
        Rows { native: self.start + self.native, wide: self.block(self.blocks) + self.hashes * ROWS }
    }

    /// The row after the last one in use.
    pub fn end(&self) -> usize {
        self.hash(self.hashes)
    }

    /// The smallest k with room for everything.
    pub fn min_k(&self) -> u32 {
        let rows = self.packing.base(self.end()) + reserved(self.packing);
        rows.next_power_of_two().trailing_zeros()
    }

    /// Column and row of a place.
    pub fn at(&self, place: Place) -> (Shared, usize) {
        match place {
            Place::Constant(i) => (Shared::F, PUBLIC_ROWS + i as usize),
            Place::Native(i) => (Shared::F, self.start + i as usize),
            Place::Wide(i) => {
                let (column, row) = t_cell(i as usize % CELLS);
                (Shared::T(column), self.block(i as usize / CELLS) + row as usize)
            }
            Place::Hash(i) => {
                // Inputs, then outputs.
                let (hash, cell) = (i as usize / (2 * WIDTH), i as usize % (2 * WIDTH));
                let (column, row) = COPIES[cell / WIDTH][cell % WIDTH];
                (Shared::T(column), self.hash(hash) + row)
            }
        }
    }
}
