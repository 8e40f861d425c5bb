//! A low-rank adapter of one layer, and the rates of its two matrices.

pub use crate::limits::MAX_ETA;
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// A low-rank adapter of one layer: `W + alpha/rank B A`, A `[rank][inputs]`, B `[outputs][rank]`. The circuit holds
/// `B' = alpha/rank B`, so that the factor is in the rate of B' alone (docs/operators/lora.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Adapter {
    pub rank: usize,
    pub alpha: u64,
}

impl Adapter {
    /// The integer rate of B': `eta alpha^2 / rank^2`. Errors: `ETA_RANGE` where that is no integer in `1..MAX_ETA`.
    pub fn eta(&self, eta: i64) -> Result<i64, PotError> {
        let (alpha, rank) = (self.alpha as i64, self.rank as i64);
        let wide = eta.checked_mul(alpha * alpha).filter(|v| v % (rank * rank) == 0).map(|v| v / (rank * rank));
        wide.filter(|v| (1..MAX_ETA).contains(v))
            .ok_or_else(|| PotError::new("ETA_RANGE", format!("eta {eta} times ({alpha}/{rank})^2 must be an integer in 1..{MAX_ETA}")))
    }
}
