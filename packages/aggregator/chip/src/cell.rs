//! What the builder hands out: cells and points.

use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};

/// Limbs of a coordinate, and of a point (x, then y).
pub const LIMBS: usize = 5;
pub(crate) const POINT_LIMBS: usize = 2 * LIMBS;

/// Where a cell lies, before rows are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// Column F, a cell fixed to a constant.
    Constant(u32),
    /// Column F.
    Native(u32),
    /// Columns T, a block's cell: `CELLS` of them a block.
    Wide(u32),
    /// Columns T: three inputs and three outputs a permutation.
    Hash(u32),
}

/// A cell that holds an element of the scalar field.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub value: Fr,
    pub(crate) place: Place,
}

/// A point of the curve, never the identity, with its coordinates' canonical limbs (51 bits each) in columns T.
#[derive(Clone, Debug)]
pub struct Point {
    pub value: G1Affine,
    /// x and y modulo the scalar field's modulus. These two determine the point (docs/protocol/ecc-chip.md).
    pub x: Cell,
    pub y: Cell,
    /// Limbs of x, then of y.
    pub(crate) limbs: [Cell; POINT_LIMBS],
}

impl Point {
    /// Whether both are the same cells: not only equal values.
    pub fn same_cells(&self, other: &Self) -> bool {
        self.limbs.iter().zip(&other.limbs).all(|(a, b)| a.place == b.place)
    }
}
