//! A graph's circuit as halo2 sees it, its witness as columns, and proofs of statements.

mod circuit;
mod columns;
mod content;
mod contents;
mod executed;
mod prover;
mod renewal;
mod salt;
mod shared;
mod verifier;

pub use circuit::{GraphCircuit, Params, Tamper};
pub use columns::Columns;
pub use content::content_digest;
pub use contents::Contents;
pub use executed::Executed;
pub use prover::{prove, Prover, Secrets};
pub use renewal::{Renewal, RenewalCircuit};
pub use salt::{max_uses, Hidden, Salt, Salts, MAX_USES};
pub use shared::{commitments, first_state, values};
pub use verifier::{verify, Verifier, MAGIC};
