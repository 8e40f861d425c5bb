//! A chip for recursion: BN254's points over BN254's scalar field in wide rows, Poseidon, native arithmetic.
//!
//! A [`Builder`] takes the circuit's operations in order, with values; a [`ChipCircuit`] is the finished circuit, for key
//! generation, the mock prover and the prover. docs/protocol/ecc-chip.md has the gates and argues why they suffice.

#[cfg(test)]
mod attacks;
mod block;
mod builder;
mod cell;
mod circuit;
mod config;
mod fill;
mod gates;
mod layout;
mod limbs;
mod packing;
mod poseidon;

pub use builder::Builder;
pub use cell::{Cell, Point, LIMBS};
pub use circuit::{ChipCircuit, ChipColumns};
pub use config::ChipConfig;
pub use fill::Change;
pub use layout::Rows;
pub use packing::Packing;
