//! The engine's API as packages/halo2-wasm/src/exports.ts describes it.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

pub mod aggregate_verifier;
pub mod aggregation;
pub mod executor;
pub mod functions;
pub mod genesis_secrets;
pub mod graph_prover;
pub mod graph_secrets;
pub mod on_chain;
pub mod prover;
pub mod renewal_secrets;
pub mod window_secrets;
