//! The recursive aggregation circuit, on the wide chip: `aggregate = f(previous aggregate, M new windows)`.
//!
//! Layers, from below: [`terms`], [`loader`] and [`transcript`] (snark-verifier on the chip), [`hash`], [`logic`] and [`tree`]
//! (gadgets), [`ivc`] (the rules of one step), [`follow`] (how windows follow each other), [`key`] (the circuit's own key as a witness), [`circuit`] (all of it), [`statement`] (public
//! inputs), [`rules`] (the same rules for an honest prover), [`aggregator`] (keys, proving, verifying).

#[cfg(feature = "prover")]
pub mod aggregator;
#[cfg(feature = "prover")]
pub mod circuit;
#[cfg(feature = "prover")]
pub mod follow;
#[cfg(feature = "prover")]
pub mod hash;
#[cfg(feature = "prover")]
pub mod ivc;
#[cfg(feature = "prover")]
pub mod key;
#[cfg(feature = "prover")]
pub mod loader;
#[cfg(feature = "prover")]
pub mod logic;
pub mod path;
#[cfg(feature = "prover")]
pub mod rules;
pub mod state;
pub mod statement;
#[cfg(feature = "prover")]
pub mod terms;
#[cfg(feature = "prover")]
pub mod transcript;
#[cfg(feature = "prover")]
pub mod tree;
pub mod verifier;
