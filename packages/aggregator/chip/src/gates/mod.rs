//! The chip's constraints, all of degree at most 3, or 4 where columns are folded. docs/ecc-chip.md argues why they suffice.

mod curve;
mod hash;
mod lookup;
mod native;

use crate::config::ChipConfig;
use crate::folding::{AdviceSlot, FixedSlot};
use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{ConstraintSystem, Expression, VirtualCells};
use halo2_axiom::poly::Rotation;

type E = Expression<Fr>;
type Cells<'a, 'b> = &'a mut VirtualCells<'b, Fr>;

fn int(v: u128) -> E {
    E::Constant(Fr::from_u128(v))
}

fn adv(v: Cells<'_, '_>, c: AdviceSlot, row: i32) -> E {
    v.query_advice(c.column, c.at(row))
}

fn fix(v: Cells<'_, '_>, c: FixedSlot, row: i32) -> E {
    v.query_fixed(c.column, c.at(row))
}

/// `sum_i x^i terms[i]`.
fn horner(x: &E, terms: impl IntoIterator<Item = E, IntoIter: DoubleEndedIterator>) -> E {
    terms.into_iter().rev().reduce(|acc, t| acc * x.clone() + t).expect("at least one term")
}

impl ChipConfig {
    /// A gate's flag. Where columns are folded, other slots' cells follow it, and it counts in base rows alone.
    fn flag(&self, v: Cells<'_, '_>, c: FixedSlot) -> E {
        let flag = fix(v, c, 0);
        self.flagged(v, flag)
    }

    fn flagged(&self, v: Cells<'_, '_>, flag: E) -> E {
        match self.fx.base {
            Some(base) => v.query_fixed(base, Rotation::cur()) * flag,
            None => flag,
        }
    }

    /// All gates.
    pub(crate) fn gates(&self, cs: &mut ConstraintSystem<Fr>) {
        self.native_gates(cs);
        self.lookup_gates(cs);
        self.curve_gates(cs);
        self.hash_gates(cs);
    }
}
