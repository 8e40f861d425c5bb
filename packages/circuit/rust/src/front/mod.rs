//! Front ends: what makes graphs of descriptions of networks.

pub mod dense;
