//! What a wrapper makes.

use halo2_axiom::halo2curves::bn256::Fr;

/// A proof that a contract verifies, with its public inputs: 12 limbs of the accumulator, then the exposed ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    pub instance: Vec<Fr>,
    pub proof: Vec<u8>,
}
