//! Halo2 for tensor circuits, on BN254 with KZG.

pub mod any_circuit;
mod any_transcript;
pub mod blinding;
pub mod digest;
pub mod engine;
pub mod error;
pub mod key_file;
pub mod poseidon;
pub mod srs;
pub mod transcript;
