//! The Node addon of pot-proof-system, pot-sgd and pot-circuit: what packages/halo2-wasm/src/exports.ts declares, as the WebAssembly module
//! exports it, with the processor's own arithmetic and threads.
//!
//! Every function throws a JavaScript `Error` whose message is `{"code", "message", "details"?}`. After a panic
//! (`NATIVE_PANIC`) the object in use is given up: its later calls throw `NATIVE_POISONED`. The process goes on.

// In what is made from exports.ts, every call is written alike.
#![allow(clippy::redundant_closure)]

mod api {
    pub use pot_aggregator::api::*;
    pub use pot_circuit::api::*;
    pub use pot_sgd::api::*;
}
mod cpu;
pub mod engine;
mod guard;
pub mod info;
mod numbers;
mod slot;
mod threads;
