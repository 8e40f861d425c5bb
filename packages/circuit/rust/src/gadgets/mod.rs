//! Pieces of circuits that know no operator: formulas, gates, lookups of ranges and of pairs, and where rows lie.

pub mod algebra;
pub mod gates;
pub mod pairs;
pub mod range;
pub mod run;
