//! The prover's cells: tensors (phase 1), vectors and look-up sums (phase 2), evaluations (phase 3).

mod cells;
mod evaluations;
mod lookups;
mod strips;
mod vectors;

pub use cells::{raw_data_cells, Salts, Strip, Witness};
pub use evaluations::Third;
pub(crate) use lookups::running_sums;
pub use vectors::Second;

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column};

/// Receives (column, row, value).
pub type Put<'a> = dyn FnMut(Column<Advice>, usize, Fr) + 'a;

/// A signed integer as a field element.
pub fn signed(v: i64) -> Fr {
    if v >= 0 {
        Fr::from(v as u64)
    } else {
        -Fr::from(v.unsigned_abs())
    }
}

/// `1, x, x^2, ..`, n terms.
pub fn powers(x: Fr, n: usize) -> Vec<Fr> {
    let mut v = Vec::with_capacity(n);
    let mut p = Fr::one();
    for _ in 0..n {
        v.push(p);
        p *= x;
    }
    v
}

/// `sum_i x^i v_i`.
pub fn evaluate(v: &[Fr], x: Fr) -> Fr {
    v.iter().rev().fold(Fr::zero(), |acc, c| acc * x + c)
}
