//! Update rules beyond plain SGD: those of graphs (docs/operators/optimizers.md), and what adapters make of their numbers.

use crate::adapter::Adapter;
use pot_circuit::limits::{EPSILON_BITS, SQUARE_EPSILON_BITS};
pub use pot_circuit::optimizer::Optimizer;
use pot_circuit::tensor::Formats;
use pot_proof_system::error::PotError;

/// Refuses factors that are none; plain SGD without decay is named by leaving the rule out. Errors: `SPEC_INVALID`.
pub(crate) fn check(rule: &Optimizer, formats: &Formats) -> Result<(), PotError> {
    if rule.is_plain() {
        return Err(PotError::new("SPEC_INVALID", "optimizer: plain SGD without decay is said by leaving it out".into()));
    }
    rule.check(formats).map_err(|e| PotError { code: "SPEC_INVALID", message: format!("optimizer: {}", e.message), ..e })
}

/// Epsilon of B' = alpha/rank B, whose gradient is alpha/rank times smaller, `max(1, round(epsilon rank / alpha))`, and the bits that it
/// must have; RMSProp's, which stands beside a square, by the squares of both.
pub(crate) fn scaled_epsilon(rule: &Optimizer, a: Adapter) -> Option<(u128, u32)> {
    let (rank, alpha) = (a.rank as u128, u128::from(a.alpha));
    let nearest = |epsilon: u64, n: u128, d: u128| ((2 * u128::from(epsilon) * n + d) / (2 * d)).max(1);
    match *rule {
        Optimizer::Adam { epsilon, .. } => Some((nearest(epsilon, rank, alpha), EPSILON_BITS)),
        Optimizer::RmsProp { epsilon, .. } => Some((nearest(epsilon, rank * rank, alpha * alpha), SQUARE_EPSILON_BITS)),
        _ => None,
    }
}
