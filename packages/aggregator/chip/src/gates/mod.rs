//! The chip's constraints, all of degree at most 4. docs/protocol/ecc-chip.md argues why they suffice.

mod curve;
mod hash;
mod lookup;
mod native;

use crate::block::{Gate, ORIGIN};
use crate::config::ChipConfig;
use crate::packing::{AdviceSlot, FixedSlot};
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

/// Selectors. Where columns are packed, other slots' cells follow a flag, and it counts in base rows alone: `range` and `origin` are 0 elsewhere,
/// and `base` says where they are not.
impl ChipConfig {
    fn base(&self, v: Cells<'_, '_>) -> E {
        match self.fx.base {
            Some(base) => v.query_fixed(base, Rotation::cur()),
            None => int(1),
        }
    }

    /// 1 in the rows of the running sum.
    fn range(&self, v: Cells<'_, '_>) -> E {
        fix(v, self.fx.range, 0)
    }

    /// 1 in all other rows (where columns are packed: in base rows; 2 in those of public inputs, which have no flags).
    fn beyond(&self, v: Cells<'_, '_>) -> E {
        self.base(v) - self.range(v)
    }

    /// A gate of F.
    fn arithmetic(&self, v: Cells<'_, '_>, flag: FixedSlot) -> E {
        self.range(v) * fix(v, flag, 0)
    }

    /// A unit of a permutation.
    fn unit(&self, v: Cells<'_, '_>, flag: FixedSlot) -> E {
        self.beyond(v) * fix(v, flag, 0)
    }

    /// Whether a block has this gate. Means nothing where no block is anchored.
    fn has(&self, v: Cells<'_, '_>, gate: Gate) -> E {
        fix(v, self.fx.kind, gate as i32 - ORIGIN)
    }

    /// A gate of a block.
    fn block(&self, v: Cells<'_, '_>, gate: Gate) -> E {
        fix(v, self.fx.origin, 0) * self.has(v, gate)
    }

    /// All gates.
    pub(crate) fn gates(&self, cs: &mut ConstraintSystem<Fr>) {
        self.native_gates(cs);
        self.lookup_gates(cs);
        self.curve_gates(cs);
        self.hash_gates(cs);
    }
}
