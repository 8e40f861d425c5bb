//! Aggregation: window proofs verified inside one Halo2 circuit, recursively, with the rules that chain them; and its on-chain form.
//!
//! [`recursion`]: the recursive circuit on the wide chip (pot-chip), its keys, proofs and verification. [`compression`]: one aggregate
//! verified on the same chip, its columns packed. [`wrapper`]: a compression proof verified on the stock chip ([`stock`]) for a contract.
//! [`window`], [`layouts`] and [`form`]: what both know of the proofs that go in.

pub mod api;
#[cfg(feature = "evm")]
pub mod compression;
pub mod form;
#[cfg(feature = "prover")]
pub mod layouts;
#[cfg(feature = "prover")]
mod plonk;
pub mod recursion;
#[cfg(feature = "evm")]
pub mod stock;
#[cfg(feature = "prover")]
pub mod window;
#[cfg(feature = "evm")]
pub mod wrapper;
