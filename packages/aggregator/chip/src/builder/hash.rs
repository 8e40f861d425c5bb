//! Poseidon's permutation.

use super::Builder;
use crate::cell::Cell;

impl Builder {
    /// Poseidon's permutation with `pot_halo2::poseidon::parameters()`: t = 3, 8 full and 57 partial rounds.
    pub fn permute(&mut self, state: [Cell; 3]) -> [Cell; 3] {
        let _ = state;
        todo!("API first")
    }
}
