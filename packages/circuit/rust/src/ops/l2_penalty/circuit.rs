//! The penalty's cells: `coefficient w + 2^(s-1) = 2^s q + r`, with r in whole limbs, and q in limbs with an offset.

use super::super::round::circuit::half;
use super::super::unit::{Executed, Number, Relation, Unit};
use super::L2Penalty;
use crate::gadgets::algebra::{pow2, Algebra};
use crate::tensor::{Facts, Formats};
use halo2_axiom::halo2curves::bn256::Fr;

const REMAINDER: usize = 0;
const QUOTIENT: usize = 1;

impl L2Penalty {
    /// Whole limbs: a graph's penalties have no others.
    fn rounded(&self, inputs: &[Facts]) -> u32 {
        self.shift(&inputs[0]).unwrap_or(0)
    }

    /// The weight is the relation over the coefficient: in the field, where integers below 2^252 that are equal are equal.
    ///
    /// # Panics
    ///
    /// Where the coefficient is 0: a graph's are not.
    pub(crate) fn relation<A: Algebra>(&self, numbers: &[A], inputs: &[Facts], formats: &Formats) -> Relation<A> {
        let shift = self.rounded(inputs);
        let (r, q) = (numbers[REMAINDER].clone(), numbers[QUOTIENT].clone() - pow2(formats.long_bits()));
        let inverse = A::constant(Fr::from(self.coefficient).invert().expect("a coefficient is not 0"));
        Relation { zero: vec![], inputs: vec![(q.clone() * pow2(shift) + r - half(shift)) * inverse], output: q, lent: None }
    }
}

impl Unit for L2Penalty {
    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number> {
        let number = |name, bits: u32| Number { name, limbs: (bits / formats.limb_bits) as usize };
        vec![number("penalty's remainder", self.rounded(inputs)), number("penalty", formats.long_bits() + 1)]
    }

    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], formats: &Formats) -> Vec<i128> {
        let (r, q) = executed.map_or((1 << (self.rounded(inputs) - 1), 0), |e| (e.cells[0].1[e.entry], e.values[e.entry]));
        vec![r, q + (1 << formats.long_bits())]
    }
}
