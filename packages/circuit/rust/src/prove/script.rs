//! Draws that are known before: halo2 blinds the last rows of every column itself, and those of shared columns must be what they were
//! when the column was committed to.

use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use rand_core::{CryptoRng, RngCore};
use std::collections::VecDeque;

/// Serves given field elements first, as the words that `Fr::random` makes them of, then another's randomness.
pub struct Script<'a> {
    words: VecDeque<u64>,
    rest: &'a mut dyn RngCore,
}

impl<'a> Script<'a> {
    pub fn new<R: RngCore + CryptoRng>(values: impl IntoIterator<Item = Fr>, rest: &'a mut R) -> Self {
        // 512 bits, of which the upper half is 0.
        let words = |v: Fr| {
            let repr = v.to_repr();
            let low: Vec<u64> = repr.chunks(8).map(|c| u64::from_le_bytes(c.try_into().expect("8 bytes"))).collect();
            low.into_iter().chain([0; 4])
        };
        Self { words: values.into_iter().flat_map(words).collect(), rest }
    }
}

impl RngCore for Script<'_> {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }
    fn next_u64(&mut self) -> u64 {
        self.words.pop_front().unwrap_or_else(|| self.rest.next_u64())
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        for chunk in dest.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}
