//! A graph's circuit: columns, selectors, gates.

mod config;
mod fixed;
mod gates;
mod parts;

pub use config::{Challenges, Config, UnitColumns, VectorColumns, WeightColumns};
pub use parts::Parts;
