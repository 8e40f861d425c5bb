//! Windows of SGD steps of a multilayer perceptron, and of adapters on one: specification, integer executor, public inputs, and proofs
//! by the circuit of their operator graph.

// Matrix code reads better with indices, which several arrays share.
#![allow(clippy::needless_range_loop)]

pub mod adapter;
pub mod api;
mod content;
pub mod executor;
pub mod limits;
pub mod network;
pub mod optimizer;
pub mod plan;
pub mod prover;
pub mod renewal;
pub mod scales;
pub mod spec;
pub mod statement;
pub mod trace;
