//! The advice columns, phase by phase.

mod blocks;
mod chain;
mod sums;

pub use blocks::Wide;
#[cfg(test)]
pub use chain::{points as chain_points, Random};
pub use sums::{running_sums, LookedUp};

use crate::builder::Builder;
use crate::layout::Layout;
use halo2_axiom::halo2curves::bn256::Fr;

/// A change to a witness: a cheating prover, for tests that see the proof refused.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Adds to one cell of a logical column, by its number, in a logical row. What is computed in later phases takes it up.
    Cell { column: usize, row: usize, add: Fr },
    /// Adds to the cell of F that is bound to a public input.
    Public { index: usize, add: Fr },
    /// Adds to a limb of a block, with its chunks and their multiplicities.
    Limb { block: usize, row: usize, lane: usize, add: i64 },
}

/// Column F, without the public inputs.
pub fn native(b: &Builder, lay: &Layout, rows: usize) -> Vec<Fr> {
    let mut out = vec![Fr::zero(); rows];
    out[lay.start - b.constants.len()..lay.start].copy_from_slice(&b.constants);
    out[lay.start..lay.start + b.native.len()].copy_from_slice(&b.native);
    out
}
