//! A graph's circuit: columns, selectors, gates.

mod beyond;
mod config;
mod fixed;
mod forest;
mod forest_gates;
mod gates;
mod parts;
mod size;

pub use beyond::Beyond;
pub use config::{Challenges, Config, UnitColumns, VectorColumns, WeightColumns};
pub use forest::{ForestColumns, ForestFixed};
pub use parts::Parts;
