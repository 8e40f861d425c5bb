//! Front ends: what makes graphs of descriptions of networks.

pub mod adapters;
pub mod dense;
pub mod local;
pub mod penalties;
pub mod reveal;
