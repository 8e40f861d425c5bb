//! `side` compiled against the stock crate.

use stock as halo2;

#[path = "side/mod.rs"]
pub mod side;
