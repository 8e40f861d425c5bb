//! Secret rows of columns that several proofs share.
//!
//! halo2-axiom draws, at the end of phase 0, `blinding_factors + 1` values for each column of that phase in order of the
//! columns (`src/plonk/witness.rs`, `next_phase`), each with `Fr::random`. To make a column's commitment the same in
//! two proofs, these draws are served from a pseudo-random function of the content's salt; everything else from the system.

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::halo2curves::ff::Field;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, OsRng, RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

/// Words that `Fr::random` draws.
const WORDS: usize = 8;

/// Secret rows of one column, as the words that make each field element.
#[derive(Clone)]
pub struct SecretRows(Vec<[u64; WORDS]>);

impl SecretRows {
    /// `rows` values for one column. The function is keyed by the secret salt, what the column holds (`label`,
    /// `column`) and a hash of the contents, so that a salt used twice by mistake still blinds two contents apart.
    pub fn new(salt: &[u8; 32], label: &str, content: &[u8; 32], column: usize, rows: usize) -> Self {
        let mut h = Sha256::new();
        h.update(b"proof-of-training/secret-rows/v1");
        h.update((label.len() as u64).to_le_bytes());
        h.update(label);
        h.update(salt);
        h.update(content);
        h.update((column as u64).to_le_bytes());
        let mut rng = ChaCha20Rng::from_seed(h.finalize().into());
        Self((0..rows).map(|_| std::array::from_fn(|_| rng.next_u64())).collect())
    }
    /// The field elements.
    pub fn values(&self) -> Vec<Fr> {
        let mut rng = Script { words: self.0.iter().flatten().copied().collect() };
        self.0.iter().map(|_| Fr::random(&mut rng)).collect()
    }
    /// The last `n` rows' words, in order.
    fn tail(&self, n: usize) -> impl Iterator<Item = u64> + '_ {
        self.0[self.0.len() - n..].iter().flatten().copied()
    }
}

/// Serves scripted words first, then the system's randomness.
pub struct Script {
    words: VecDeque<u64>,
}

impl Script {
    /// The last `unusable` rows of each column, in the order of the columns.
    pub fn new(columns: &[SecretRows], unusable: usize) -> Self {
        Self { words: columns.iter().flat_map(|c| c.tail(unusable)).collect() }
    }
}

impl RngCore for Script {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }
    fn next_u64(&mut self) -> u64 {
        self.words.pop_front().unwrap_or_else(|| OsRng.next_u64())
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

impl CryptoRng for Script {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(salt: u8, label: &str, content: u8, column: usize) -> SecretRows {
        SecretRows::new(&[salt; 32], label, &[content; 32], column, 5)
    }

    #[test]
    fn script_serves_the_tails_column_by_column_and_then_the_system() {
        let columns = [rows(1, "w", 2, 0), rows(1, "w", 2, 1)];
        let mut script = Script::new(&columns, 3);
        for column in &columns {
            for want in &column.values()[2..] {
                assert_eq!(Fr::random(&mut script), *want);
            }
        }
        let mut twin = Script::new(&columns, 3);
        for _ in 0..6 {
            Fr::random(&mut twin);
        }
        assert_ne!(Fr::random(&mut script), Fr::random(&mut twin));
    }

    #[test]
    fn rows_are_repeatable_and_depend_on_every_input() {
        let base = rows(1, "w", 2, 0).values();
        assert_eq!(base, rows(1, "w", 2, 0).values());
        let others = [rows(3, "w", 2, 0), rows(1, "x", 2, 0), rows(1, "w", 4, 0), rows(1, "w", 2, 1)];
        for other in others {
            assert!(base.iter().zip(other.values()).all(|(a, b)| *a != b));
        }
        assert!((0..5).all(|i| !base[..i].contains(&base[i])));
    }

    #[test]
    fn bytes_are_the_same_words() {
        let columns = [rows(9, "w", 9, 0)];
        let (mut a, mut b) = (Script::new(&columns, 5), Script::new(&columns, 5));
        let mut bytes = [0; 20];
        a.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], b.next_u64().to_le_bytes());
        assert_eq!(bytes[8..16], b.next_u64().to_le_bytes());
        assert_eq!(bytes[16..], b.next_u64().to_le_bytes()[..4]);
    }
}
