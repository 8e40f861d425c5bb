//! Poseidon's permutation.

use super::Builder;
use crate::cell::{Cell, Place};
use crate::poseidon::{trace, WIDTH};

impl Builder {
    /// Poseidon's permutation with `pot_proof_system::poseidon::parameters()`: t = 3, 8 full and 57 partial rounds.
    pub fn permute(&mut self, state: [Cell; WIDTH]) -> [Cell; WIDTH] {
        let first = (self.hashes.len() * 2 * WIDTH) as u32;
        let input = state.map(|c| c.value);
        self.hashes.push(input);
        for (to, cell) in (first..).zip(state) {
            self.copies.push((Place::Hash(to), cell.place));
        }
        let output = trace(input).output;
        std::array::from_fn(|i| Cell { value: output[i], place: Place::Hash(first + (WIDTH + i) as u32) })
    }
}
