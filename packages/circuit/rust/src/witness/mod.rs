//! The prover's cells: values (phase 1), vectors and lookup sums (phase 2), evaluations (phase 3).
//!
//! Each phase is computed from the cells of those before, and not from the values that these came from: so a changed cell is followed
//! by everything that depends on it, and what refuses it is the constraint that is about it.

mod cells;
mod evaluations;
mod forest;
mod lookups;
mod shared;
mod taken;
mod vectors;

pub use cells::{Blinding, Witness};
pub use evaluations::Third;
pub use forest::{Inverses, TreeSum};
pub use shared::{beside_cells, input_cells, output_cells, weight_cells, Entries};
pub use vectors::Second;

use crate::layout::HEADER;
use crate::scalar::Source;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column};
use std::sync::Arc;

/// Receives (column, row, value).
pub type Put<'a> = dyn FnMut(Column<Advice>, usize, Fr) + 'a;

/// What is added to a cell, given sigma, rho, tau and omega.
pub type Change = Arc<dyn Fn(&[Fr; HEADER]) -> Fr + Send + Sync>;

/// Where the lookup's running sum is made to end at 0.
#[derive(Clone, Copy, Debug)]
pub enum Closed {
    /// It is moved from this cell (column, row) on.
    Sum(usize, usize),
    /// By the inverse of the pair that is looked up in this row, or of the tables' pair there: of the lookup of this number.
    Used(usize, usize),
    Listed(usize, usize),
    /// By an inverse of trees in this row.
    Trees(TreeSum, usize),
}

/// A cheating prover, for tests that see the proof refused: everything that follows is computed from what is changed here.
#[derive(Clone, Default)]
pub struct Changes {
    pub closed: Option<Closed>,
    /// Product, side, entry: of the vectors. Of the header tau and omega are still 0.
    pub vectors: Vec<(usize, usize, usize, Change)>,
    /// What is added to an accumulator in a block: by what it accumulates, the first row of its run's last block, and the block.
    pub sums: Vec<(Source, usize, usize, Change)>,
    /// What the scalar column takes for an accumulator's end, by its source and the first row of its last block.
    pub exports: Vec<(Source, usize, Change)>,
    /// Header cells of the scalar column. A changed rho is used for vectors too, which nothing else ties to it.
    pub header: Vec<(usize, Change)>,
    /// The scalar column's operands by the number of their copy, its results and its constants by their number.
    pub operands: Vec<(usize, Change)>,
    pub results: Vec<(usize, Change)>,
    pub constants: Vec<(usize, Change)>,
}
