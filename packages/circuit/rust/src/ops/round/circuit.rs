//! The rounding's cells: `raw + 2^(s-1) = 2^s q + r`, shifted so that r is whole limbs, and q in two limbs with an offset (`half`) or a mask.

use super::super::ranges;
use super::super::unit::{Executed, Number, Relation, Unit, Zero};
use super::{Range, Round};
use crate::gadgets::algebra::{int, pow2, Algebra};
use crate::tensor::{Facts, Formats};

/// What is added before bits fall away: half a unit of the result.
pub(in crate::ops) fn half<A: Algebra>(shift: u32) -> A {
    match shift {
        0 => int(0),
        s => pow2(s - 1),
    }
}

const R: usize = 0;
const Q: usize = 1;
const MASK: usize = 2;

impl Round {
    /// Whole limbs, as inputs are given here.
    fn shift(&self, inputs: &[Facts]) -> u32 {
        inputs[0].bits - self.bits
    }

    /// A number with a sign is `m (2 u + 1) - u`: u + 1 where the mask m is 1, -u where it is 0. So each has one encoding, 0 included.
    pub(crate) fn relation<A: Algebra>(&self, numbers: &[A], inputs: &[Facts], formats: &Formats) -> Relation<A> {
        let shift = self.shift(inputs);
        let (r, u) = (numbers[R].clone(), numbers[Q].clone());
        let (zero, q, output, lent);
        match self.range {
            Range::Half => {
                zero = vec![];
                q = u - pow2(2 * formats.limb_bits - 1);
                output = q.clone();
                lent = None;
            }
            Range::Wide | Range::Relu => {
                let m = numbers[MASK].clone();
                zero = vec![Zero::each("the mask is 0 or 1", m.clone() * (m.clone() - int(1)))];
                q = m.clone() * (int::<A>(2) * u.clone() + int(1)) - u.clone();
                output = if self.range == Range::Relu { m.clone() * (u + int(1)) } else { q.clone() };
                lent = Some(m);
            }
        }
        Relation { zero, inputs: vec![q * pow2(shift) + r - half(shift)], output, lent }
    }
}

impl Unit for Round {
    fn lift(&self, inputs: &[Facts], formats: &Formats) -> Option<u32> {
        let shift = self.shift(inputs);
        (shift > 0).then(|| ranges::lift(shift, formats))
    }

    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number> {
        let number = |name, limbs| Number { name, limbs };
        let remainder = number("remainder", (self.shift(inputs) / formats.limb_bits) as usize);
        let mut numbers = vec![remainder, number("quotient", 2)];
        if self.range != Range::Half {
            numbers.push(number("mask", 1));
        }
        numbers
    }

    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], formats: &Formats) -> Vec<i128> {
        let shift = self.shift(inputs);
        let (q, r, output) = match executed {
            Some(e) => (e.cells[0].1[e.entry], e.cells[1].1[e.entry] << e.lift, e.values[e.entry]),
            None if shift == 0 => (0, 0, 0),
            None => (0, 1 << (shift - 1), 0),
        };
        // Who lies about the mask of q has an output that is not max(q, 0).
        let positive = if self.range == Range::Relu && q != 0 { output == q } else { q > 0 };
        match self.range {
            Range::Half => vec![r, q + (1 << (2 * formats.limb_bits - 1))],
            _ if positive => vec![r, q - 1, 1],
            _ => vec![r, -q, 0],
        }
    }
}
