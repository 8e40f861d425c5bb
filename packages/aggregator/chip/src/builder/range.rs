//! Range checks and bits.

use super::Builder;
use crate::cell::Cell;

impl Builder {
    /// Requires `a < 2^bits`, for bits up to 250.
    pub fn range(&mut self, a: Cell, bits: usize) {
        let _ = (a, bits);
        todo!("API first")
    }

    /// The n lowest bits, the lowest first, which requires `a < 2^n`, for n up to 250.
    pub fn bits(&mut self, a: Cell, n: usize) -> Vec<Cell> {
        let _ = (a, n);
        todo!("API first")
    }
}
