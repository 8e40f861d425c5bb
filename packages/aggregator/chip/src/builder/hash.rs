//! Poseidon's permutation.

use super::Builder;
use crate::cell::{Cell, Place};
use crate::poseidon::{trace, OUTPUT_ROW, ROWS, WIDTH};

impl Builder {
    /// Poseidon's permutation with `pot_halo2::poseidon::parameters()`: t = 3, 8 full and 57 partial rounds.
    pub fn permute(&mut self, state: [Cell; WIDTH]) -> [Cell; WIDTH] {
        let first = self.hashes.len() as u32 * ROWS;
        let input = state.map(|c| c.value);
        self.hashes.push(input);
        for (row, cell) in (first..).zip(state) {
            self.copies.push((Place::Hash(row), cell.place));
        }
        let output = trace(input).output;
        std::array::from_fn(|i| Cell { value: output[i], place: Place::Hash(first + OUTPUT_ROW + i as u32) })
    }
}
