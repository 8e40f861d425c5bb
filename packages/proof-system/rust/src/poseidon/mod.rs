//! circomlib's Poseidon over BN254's scalar field with two inputs: t = 3, x^5, 8 full and 57 partial rounds.
//!
//! The state starts as `[0, a, b]` and the hash is its first cell, so that circomlibjs, circom circuits and Solidity
//! contracts compute the same numbers (`vectors/poseidon.json`, made with circomlibjs 0.1.7).

mod constants;
mod permutation;

pub use permutation::{permute, State};

use constants::Constants;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;
use std::sync::OnceLock;

use crate::error::PotError;

const WIDTH: usize = 3;
const FULL_ROUNDS: usize = 8;
const PARTIAL_ROUNDS: usize = 57;

fn constants() -> &'static Constants {
    static CONSTANTS: OnceLock<Constants> = OnceLock::new();
    CONSTANTS.get_or_init(Constants::generate)
}

/// Round constants, a row a round (8 full rounds around 57 partial ones), and the matrix: for a circuit that computes the same.
pub fn parameters() -> (&'static [[Fr; WIDTH]], &'static [[Fr; WIDTH]; WIDTH]) {
    let c = constants();
    (&c.rounds, &c.matrix)
}

/// The hash of two field elements.
pub fn hash2(a: Fr, b: Fr) -> Fr {
    let mut state = [Fr::ZERO, a, b];
    permute(&mut state);
    state[0]
}

/// Hash of a list: `h = hash2(domain, length)`, then `h = hash2(h, x)` for each element.
pub fn hash_chain(domain: u64, inputs: &[Fr]) -> Fr {
    inputs.iter().fold(hash2(Fr::from(domain), Fr::from(inputs.len() as u64)), |h, x| hash2(h, *x))
}

/// Domain tag of a Merkle tree's leaves.
pub const LEAF_DOMAIN: u64 = 0x706f744c;

/// The lowest node of a leaf. A node of a tree that was made of leaves is a hash, or 0 where it is padding, and not the tag: so
/// neither an inner node nor padding can be shown as a leaf, and no leaf can be chosen that is an inner node. Who makes up a root
/// can put the tag where a node should be, and have a node that is also a leaf's, one level higher: no leaf has a path in both readings.
pub fn merkle_leaf(leaf: Fr) -> Fr {
    hash2(Fr::from(LEAF_DOMAIN), leaf)
}

/// All levels of the tree over `leaves`: `[0]` their nodes, padded with 0 to a power of two, the last one the root alone.
fn levels(leaves: &[Fr]) -> Vec<Vec<Fr>> {
    let mut level: Vec<Fr> = leaves.iter().map(|l| merkle_leaf(*l)).collect();
    level.resize(leaves.len().next_power_of_two(), Fr::ZERO);
    let mut out = vec![level];
    while out[out.len() - 1].len() > 1 {
        let next = out[out.len() - 1].chunks(2).map(|p| hash2(p[0], p[1])).collect();
        out.push(next);
    }
    out
}

/// Root of the Merkle tree whose inner nodes are `hash2(left, right)`, above `merkle_leaf` of each leaf. No leaves give 0.
pub fn merkle_root(leaves: &[Fr]) -> Fr {
    levels(leaves).last().map_or(Fr::ZERO, |top| top[0])
}

/// The nodes beside the path of leaf `index`, from below. Errors: `MERKLE_INDEX`.
pub fn merkle_path(leaves: &[Fr], index: usize) -> Result<Vec<Fr>, PotError> {
    if index >= leaves.len() {
        return Err(PotError::new("MERKLE_INDEX", format!("leaf {index} of a tree with {} leaves", leaves.len())));
    }
    let all = levels(leaves);
    Ok(all[..all.len() - 1].iter().enumerate().map(|(depth, level)| level[(index >> depth) ^ 1]).collect())
}

/// The root that `leaf` at `index` and the nodes beside its path lead to.
pub fn merkle_climb(leaf: Fr, index: u64, path: &[Fr]) -> Fr {
    path.iter().enumerate().fold(merkle_leaf(leaf), |h, (depth, sibling)| match index >> depth & 1 {
        0 => hash2(h, *sibling),
        _ => hash2(*sibling, h),
    })
}

/// Reads concatenated 32-byte little-endian field elements. Errors: `FIELD_INVALID` (length, or not below the modulus).
pub fn parse_fields(bytes: &[u8]) -> Result<Vec<Fr>, PotError> {
    let bad = |m: String| PotError::new("FIELD_INVALID", m);
    let chunks = bytes.chunks_exact(32);
    if !chunks.remainder().is_empty() {
        return Err(bad(format!("{} bytes are not a multiple of 32", bytes.len())));
    }
    chunks
        .enumerate()
        .map(|(i, c)| {
            let repr: [u8; 32] = c.try_into().expect("32 bytes");
            Option::from(Fr::from_repr(repr)).ok_or_else(|| bad(format!("field element {i} is not below the modulus")))
        })
        .collect()
}

#[cfg(test)]
mod tests;
