//! A graph's circuit: columns, selectors, gates.

mod beyond;
mod config;
mod fixed;
mod gates;
mod parts;
mod size;

pub use beyond::Beyond;
pub use config::{Challenges, Config, UnitColumns, VectorColumns, WeightColumns};
pub use parts::Parts;
