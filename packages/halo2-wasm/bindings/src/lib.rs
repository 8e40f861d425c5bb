//! The WebAssembly face of pot-proof-system, pot-sgd and pot-circuit: what packages/halo2-wasm/src/exports.ts declares.
//!
//! Every function throws a JavaScript `Error` whose message is `{"code", "message", "details"?}`. After a panic or an
//! exhausted memory (`WASM_PANIC`, `WASM_OUT_OF_MEMORY`) the instance is poisoned: each later call throws
//! `WASM_POISONED`, and the caller must instantiate the module again.
// In what is made from exports.ts, every call is written alike.
#![allow(clippy::redundant_closure)]
#![cfg_attr(target_arch = "wasm32", feature(alloc_error_hook))]

mod api {
    pub use pot_aggregator::api::*;
    pub use pot_circuit::api::*;
    pub use pot_sgd::api::*;
}
#[cfg(feature = "bench")]
pub mod bench;
pub mod engine;
pub mod error;
#[cfg(all(target_arch = "wasm32", feature = "threads"))]
mod reserve;
#[cfg(all(target_arch = "wasm32", feature = "threads"))]
pub mod threads;
