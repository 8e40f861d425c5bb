//! Halo2 for tensor circuits, on BN254 with KZG.

pub mod error;
pub mod blinding;
pub mod engine;
pub mod digest;
pub mod poseidon;
pub mod srs;
