//! A chip for recursion: BN254's points over BN254's scalar field in wide rows, Poseidon, native arithmetic.
//!
//! A [`Builder`] takes the circuit's operations in order, with values; a [`ChipCircuit`] is the finished circuit, for key
//! generation, the mock prover and the prover. docs/ecc-chip.md has the gates and argues why they suffice.

mod builder;
mod cell;

pub use builder::{Builder, Rows};
pub use cell::{Cell, Point, LIMBS};
