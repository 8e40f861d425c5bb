//! Secret rows of columns that several proofs share.
//!
//! halo2-axiom draws, at the end of phase 0, `blinding_factors + 1` values for each column of that phase in order of the
//! columns (`src/plonk/witness.rs`, `next_phase`), each with `Fr::random`. To make a column's commitment the same in
//! two proofs, these draws are served from a pseudo-random function of the content's salt; everything else from another's randomness.

use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::halo2curves::ff::Field;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

/// `rows` values for one column. The function is keyed by the secret salt, what the column holds (`label`,
/// `column`) and a hash of the contents, so that a salt used twice by mistake still blinds two contents apart.
pub fn secret_rows(salt: &[u8; 32], label: &str, content: &[u8; 32], column: usize, rows: usize) -> Vec<Fr> {
    let mut h = Sha256::new();
    h.update(b"proof-of-training/secret-rows/v1");
    h.update((label.len() as u64).to_le_bytes());
    h.update(label);
    h.update(salt);
    h.update(content);
    h.update((column as u64).to_le_bytes());
    let mut rng = ChaCha20Rng::from_seed(h.finalize().into());
    (0..rows).map(|_| Fr::random(&mut rng)).collect()
}

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

impl CryptoRng for Script<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(salt: u8, label: &str, content: u8, column: usize) -> Vec<Fr> {
        secret_rows(&[salt; 32], label, &[content; 32], column, 5)
    }

    fn system() -> ChaCha20Rng {
        ChaCha20Rng::from_seed([9; 32])
    }

    #[test]
    fn a_script_serves_its_values_and_then_the_other_randomness() {
        let (mut rest, mut same) = (system(), system());
        let values = [rows(1, "w", 2, 0), rows(1, "w", 2, 1)].concat();
        let mut script = Script::new(values.clone(), &mut rest);
        for want in values {
            assert_eq!(Fr::random(&mut script), want);
        }
        assert_eq!(Fr::random(&mut script), Fr::random(&mut same));
    }

    #[test]
    fn rows_are_repeatable_and_depend_on_every_input() {
        let base = rows(1, "w", 2, 0);
        assert_eq!(base, rows(1, "w", 2, 0));
        let others = [rows(3, "w", 2, 0), rows(1, "x", 2, 0), rows(1, "w", 4, 0), rows(1, "w", 2, 1)];
        for other in others {
            assert!(base.iter().zip(other).all(|(a, b)| *a != b));
        }
        assert!((0..5).all(|i| !base[..i].contains(&base[i])));
    }

    #[test]
    fn bytes_are_the_same_words() {
        let (mut a, mut b) = (system(), system());
        let (mut first, mut second) = (Script::new(rows(9, "w", 9, 0), &mut a), Script::new(rows(9, "w", 9, 0), &mut b));
        let mut bytes = [0; 20];
        first.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], second.next_u64().to_le_bytes());
        assert_eq!(bytes[8..16], second.next_u64().to_le_bytes());
        assert_eq!(bytes[16..], second.next_u64().to_le_bytes()[..4]);
        assert_eq!(first.next_u64(), second.next_u64());
    }
}
