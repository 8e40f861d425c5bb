//! The chip's constraints, all of degree at most 3. docs/ecc-chip.md argues why they suffice.

mod curve;
mod hash;
mod lookup;
mod native;

use crate::config::ChipConfig;
use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ConstraintSystem, Expression, Fixed, VirtualCells};
use halo2_axiom::poly::Rotation;

type E = Expression<Fr>;
type Cells<'a, 'b> = &'a mut VirtualCells<'b, Fr>;

fn int(v: u128) -> E {
    E::Constant(Fr::from_u128(v))
}

fn adv(v: Cells<'_, '_>, c: Column<Advice>, rotation: i32) -> E {
    v.query_advice(c, Rotation(rotation))
}

fn fix(v: Cells<'_, '_>, c: Column<Fixed>, rotation: i32) -> E {
    v.query_fixed(c, Rotation(rotation))
}

/// `sum_i x^i terms[i]`.
fn horner(x: &E, terms: impl IntoIterator<Item = E, IntoIter: DoubleEndedIterator>) -> E {
    terms.into_iter().rev().reduce(|acc, t| acc * x.clone() + t).expect("at least one term")
}

impl ChipConfig {
    /// All gates.
    pub(crate) fn gates(&self, cs: &mut ConstraintSystem<Fr>) {
        self.native_gates(cs);
        self.lookup_gates(cs);
        self.curve_gates(cs);
        self.hash_gates(cs);
    }
}
