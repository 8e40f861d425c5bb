//! The largest circuits that there are keys for: what a stranger's specification may cost whoever derives its key.

use crate::layout::Layout;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::ConstraintSystem;
use pot_proof_system::error::PotError;

/// Most advice columns, and most cells of fixed columns (key generation takes 72 bytes for each).
const MAX_ADVICE: usize = 1024;
const MAX_FIXED_CELLS: u64 = 1 << 24;
/// Most limbs of all kinds of units in all lanes: what gates are made of.
const MAX_GATE_LIMBS: usize = 1 << 12;

/// Before gates are made. Errors: `CIRCUIT_TOO_LARGE`.
pub(super) fn check(cs: &ConstraintSystem<Fr>, layout: &Layout) -> Result<(), PotError> {
    let too_large = |what: String| Err(PotError::new("CIRCUIT_TOO_LARGE", what));
    if cs.num_advice_columns() > MAX_ADVICE {
        return too_large(format!("{} columns of cells: at most {MAX_ADVICE}", cs.num_advice_columns()));
    }
    let cells = (cs.num_fixed_columns() as u64) << layout.shape.k;
    if cells > MAX_FIXED_CELLS {
        return too_large(format!("{cells} cells of fixed columns: at most {MAX_FIXED_CELLS}"));
    }
    let limbs: usize = layout.kinds.iter().map(|k| k.limbs() * layout.shape.lanes).sum();
    if limbs > MAX_GATE_LIMBS {
        return too_large(format!("gates of {limbs} limbs: at most {MAX_GATE_LIMBS}"));
    }
    Ok(())
}
