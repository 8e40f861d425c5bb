//! `side` compiled against the patched crate, and what only this one has.

use patched as halo2;

pub mod linear;
#[path = "side/mod.rs"]
pub mod side;
mod source;
