//! The gradient's cells, in the block of the rounding that it belongs to: `raw + 2^(s-1) = 2^s g + r`, and with ReLU the output is m g,
//! by that rounding's own mask m.

use super::super::ranges;
use super::super::round::circuit::half;
use super::super::unit::{Executed, Number, Relation, Unit};
use super::RoundGradient;
use crate::gadgets::algebra::{pow2, Algebra};
use crate::tensor::{Facts, Formats};

impl RoundGradient {
    /// Whole limbs, as inputs are given here.
    fn shift(&self, inputs: &[Facts]) -> u32 {
        inputs[0].bits - self.bits
    }

    /// # Panics
    ///
    /// Where there is a mask and no unit of the block has one: a graph's gradients are those of ReLU then.
    pub(crate) fn relation<A: Algebra>(&self, numbers: &[A], inputs: &[Facts], formats: &Formats, host: Option<&Relation<A>>) -> Relation<A> {
        let shift = self.shift(inputs);
        let (r, g) = (numbers[0].clone(), numbers[1].clone() - pow2(2 * formats.limb_bits - 1));
        let mask = host.and_then(|h| h.lent.clone());
        let output = if self.mask { mask.expect("ReLU has a mask") * g.clone() } else { g.clone() };
        Relation { zero: vec![], inputs: vec![g * pow2(shift) + r - half(shift)], output, lent: None }
    }
}

impl Unit for RoundGradient {
    fn shares(&self, input: usize) -> bool {
        input == 1
    }

    fn lift(&self, inputs: &[Facts], formats: &Formats) -> Option<u32> {
        let shift = self.shift(inputs);
        (shift > 0).then(|| ranges::lift(shift, formats))
    }

    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number> {
        let remainder = (self.shift(inputs) / formats.limb_bits) as usize;
        vec![Number { name: "gradient's remainder", limbs: remainder }, Number { name: "gradient", limbs: 2 }]
    }

    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], formats: &Formats) -> Vec<i128> {
        let shift = self.shift(inputs);
        let (g, r) = match executed {
            Some(e) => (e.cells[0].1[e.entry], e.cells[1].1[e.entry] << e.lift),
            None if shift == 0 => (0, 0),
            None => (0, 1 << (shift - 1)),
        };
        vec![r, g + (1 << (2 * formats.limb_bits - 1))]
    }
}
