//! Points and their sums.

use super::Builder;
use crate::cell::{Cell, Point};
use halo2_axiom::halo2curves::bn256::G1Affine;

impl Builder {
    /// A free point: on the curve, its coordinates below the modulus.
    pub fn point(&mut self, p: G1Affine) -> Point {
        let _ = p;
        todo!("API first")
    }

    /// A point that the circuit fixes: not the identity. The same point gives the same cells.
    pub fn constant_point(&mut self, p: G1Affine) -> Point {
        let _ = p;
        todo!("API first")
    }

    /// Requires equal points.
    pub fn assert_same(&mut self, a: &Point, b: &Point) {
        let _ = (a, b);
        todo!("API first")
    }

    /// The low 248 bits of x, the 6 bits above, and the lowest bit of y.
    pub fn compressed(&mut self, p: &Point) -> (Cell, Cell, Cell) {
        let _ = p;
        todo!("API first")
    }

    /// Low 128 bits and the rest: of x, then of y.
    pub fn halves(&mut self, p: &Point) -> [Cell; 4] {
        let _ = p;
        todo!("API first")
    }

    /// The point with these halves, which it is required to have.
    pub fn point_of_halves(&mut self, cells: [Cell; 4], value: G1Affine) -> Point {
        let _ = (cells, value);
        todo!("API first")
    }

    /// `sum_i scalar_i point_i`: at least one term, and not the identity (`CHIP_IDENTITY`). Scalars and points must not
    /// depend on anything that is computed from a result's slopes: all that this API hands out does not.
    pub fn msm(&mut self, terms: &[(Cell, Point)]) -> Point {
        let _ = terms;
        todo!("API first")
    }
}
