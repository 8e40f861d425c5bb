//! A graph's circuit as halo2 sees it, and its witness as columns.

mod circuit;
mod columns;

pub use circuit::{GraphCircuit, Params, Tamper};
pub use columns::Columns;
