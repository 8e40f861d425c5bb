//! The gradient's cells, in the block of the activation that it belongs to: `raw + 2^(s-1) = 2^s g + r`, and by the slope f' that the
//! activation has, in units of 2^-b, `g f' + 2^(b-1) = 2^b output + rest`.

use super::super::ranges;
use super::super::round::circuit::half;
use super::super::unit::{Executed, Number, Relation, Unit, Zero};
use super::ActivationGradient;
use crate::gadgets::algebra::{centered, pow2, Algebra};
use crate::tensor::{Facts, Formats};

impl ActivationGradient {
    /// Whole limbs, as inputs are given here.
    fn shift(&self, inputs: &[Facts]) -> u32 {
        inputs[0].bits - self.bits
    }

    /// # Panics
    ///
    /// Where no unit of the block has a slope: a graph's gradients are those of activations then.
    pub(crate) fn relation<A: Algebra>(&self, numbers: &[A], inputs: &[Facts], formats: &Formats, host: Option<&Relation<A>>) -> Relation<A> {
        let (b, shift) = (formats.limb_bits, self.shift(inputs));
        let slope = host.and_then(|h| h.lent.clone()).expect("an activation has a slope");
        let [r, g, rest, output] = [0, 1, 2, 3].map(|i| numbers[i].clone());
        let [g, output] = [g, output].map(|n| centered(n, b, 2));
        let product = g.clone() * slope + half::<A>(b) - output.clone() * pow2(b) - rest;
        let zero = vec![Zero::each("the gradient times the slope", product)];
        Relation { zero, inputs: vec![g * pow2(shift) + r - half(shift)], output, lent: None }
    }
}

impl Unit for ActivationGradient {
    fn shares(&self, input: usize) -> bool {
        input > 0
    }

    fn lift(&self, inputs: &[Facts], formats: &Formats) -> Option<u32> {
        let shift = self.shift(inputs);
        (shift > 0).then(|| ranges::lift(shift, formats))
    }

    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number> {
        let number = |name, limbs| Number { name, limbs };
        let remainder = (self.shift(inputs) / formats.limb_bits) as usize;
        vec![
            number("gradient's remainder", remainder),
            number("gradient", 2),
            number("product's remainder", 1),
            number("gradient times the slope", 2),
        ]
    }

    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], formats: &Formats) -> Vec<i128> {
        let (b, shift) = (formats.limb_bits, self.shift(inputs));
        let [g, r, rest, output] = match executed {
            Some(e) => [e.cells[0].1[e.entry], e.cells[1].1[e.entry] << e.lift, e.cells[2].1[e.entry], e.values[e.entry]],
            None => [0, if shift == 0 { 0 } else { 1 << (shift - 1) }, 1 << (b - 1), 0],
        };
        let offset = 1 << (2 * b - 1);
        vec![r, g + offset, rest, output + offset]
    }
}
