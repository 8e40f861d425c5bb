//! Pieces of circuits that know no operator: formulas, gates, the range lookup, and where rows lie.

pub mod algebra;
pub mod gates;
pub mod range;
pub mod run;
