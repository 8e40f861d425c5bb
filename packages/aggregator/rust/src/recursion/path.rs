//! A leaf's place in the dataset's Merkle tree: a shard's digest is the leaf at its index.

use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::poseidon;

/// Levels of the largest tree: a run has at most a million shards.
pub const MAX_DEPTH: usize = 20;

/// The place of one leaf: its index and the nodes beside its path, from below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub index: u64,
    pub siblings: Vec<Fr>,
}

impl Path {
    /// The root that this path leads to.
    pub fn root(&self, leaf: Fr) -> Fr {
        poseidon::merkle_climb(leaf, self.index, &self.siblings)
    }
}
