//! The rounding's cells: `x + 2^(s-1) = 2^s q + r`, with r in whole limbs, and q in limbs with an offset.

use super::super::round::circuit::half;
use super::super::unit::{Executed, Number, Relation, Unit};
use super::Downscale;
use crate::gadgets::algebra::{pow2, Algebra};
use crate::tensor::{Facts, Formats};

impl Downscale {
    pub(crate) fn relation<A: Algebra>(&self, numbers: &[A], formats: &Formats) -> Relation<A> {
        let (r, q) = (numbers[0].clone(), numbers[1].clone() - pow2(formats.long_bits()));
        Relation { zero: vec![], inputs: vec![q.clone() * pow2(self.shift) + r - half(self.shift)], output: q, lent: None }
    }
}

impl Unit for Downscale {
    fn numbers(&self, _: &[Facts], formats: &Formats) -> Vec<Number> {
        let number = |name, bits: u32| Number { name, limbs: (bits / formats.limb_bits) as usize };
        vec![number("part's remainder", self.shift), number("part", formats.long_bits() + 1)]
    }

    fn entry(&self, executed: Option<Executed>, _: &[Facts], formats: &Formats) -> Vec<i128> {
        let (r, q) = executed.map_or((1 << (self.shift - 1), 0), |e| (e.cells[0].1[e.entry], e.values[e.entry]));
        vec![r, q + (1 << formats.long_bits())]
    }
}
