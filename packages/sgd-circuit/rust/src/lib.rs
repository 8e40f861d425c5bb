//! The SGD circuit: a window of training steps of a multilayer perceptron, proven in zero knowledge.

// Matrix code reads better with indices, which several arrays share.
#![allow(clippy::needless_range_loop)]

pub mod adapter;
pub mod api;
pub mod circuit;
pub mod columns;
pub mod config;
pub mod executor;
pub mod gates;
pub mod genesis;
pub mod layout;
pub mod limits;
pub mod offsets;
pub mod optimizer;
pub mod plan;
pub mod prover;
pub mod scalars;
pub mod scales;
pub mod spec;
pub mod statement;
pub mod tables;
pub mod trace;
mod update;
pub mod witness;
