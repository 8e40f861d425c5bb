//! What a proof of a graph is about: specification, digests of what is committed, public values (docs/protocol/graph-proof.md).

mod dense;
pub mod describe;
pub mod field;
mod groups;
mod public;
mod reader;
mod spec;

pub use dense::{function_numbers, LOGISTIC};
pub use describe::{content_numbers, digest};
pub use groups::{split, Group};
pub use public::{ranges, Claimed, Shown, Statement};
pub use spec::{graph_digest, Kind, Named, Settings, Spec, VERSION};
