//! What weights and an optimiser's state may be.

use crate::spec::SgdSpec;
use pot_circuit::limits::SECOND_MOMENT_BITS;
use pot_proof_system::error::PotError;

/// Weights stay below 2^55 in absolute value.
const WEIGHT_BITS: u32 = 55;
pub(super) const WEIGHT_LIMIT: u64 = 1 << WEIGHT_BITS;

/// A weight after a step. Errors: `WEIGHT_RANGE`.
pub(super) fn checked_weight(index: usize, v: i128) -> Result<i64, PotError> {
    let inside = v.unsigned_abs() < u128::from(WEIGHT_LIMIT);
    inside.then_some(v as i64).ok_or_else(|| {
        PotError::new("WEIGHT_RANGE", format!("the step takes weight {index} beyond +-2^55 (integer units): the run diverges")).with("index", index)
    })
}

/// Length and ranges of a checkpoint. Errors: `INPUT_SHAPE`, `WEIGHT_RANGE`.
pub(crate) fn check_checkpoint(spec: &SgdSpec, values: &[i64]) -> Result<(), PotError> {
    check_len("weights", values.len(), spec.checkpoint())?;
    let (weights, state) = values.split_at(spec.weights());
    check_range("weight", weights, WEIGHT_BITS)?;
    // A second moment is the last of the states.
    let signed = state.len() - if spec.optimizer().is_some_and(|o| o.squares()) { spec.weights() } else { 0 };
    let (first, second) = state.split_at(signed);
    check_range("state", first, spec.formats().long_bits())?;
    check_range("second moment", second, SECOND_MOMENT_BITS)?;
    match second.iter().position(|v| *v < 0) {
        Some(i) => Err(PotError::new("WEIGHT_RANGE", format!("second moment {i} is negative")).with("index", i)),
        None => Ok(()),
    }
}

pub(super) fn check_range(what: &str, weights: &[i64], bits: u32) -> Result<(), PotError> {
    let found = weights.iter().position(|w| w.unsigned_abs() >= 1 << bits);
    let error = |i| PotError::new("WEIGHT_RANGE", format!("{what} {i} is beyond +-2^{bits} (integer units)")).with("index", i);
    found.map_or(Ok(()), |i| Err(error(i)))
}

pub(super) fn check_len(what: &str, got: usize, want: usize) -> Result<(), PotError> {
    if got != want {
        return Err(PotError::new("INPUT_SHAPE", format!("{what}: {got} values, expected {want}")));
    }
    Ok(())
}
