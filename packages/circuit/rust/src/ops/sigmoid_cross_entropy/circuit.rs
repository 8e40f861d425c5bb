//! The sigmoid's cells: docs/operators/losses.md, section 5.

use super::super::tables::{exp_pair, Table};
use super::super::unit::{Executed, Number, Relation, Row, Unit, Zero};
use super::SigmoidCrossEntropy;
use crate::gadgets::algebra::{int, pow2, Algebra};
use crate::tensor::{Facts, Formats};

const ROW: &[&str] = &["positive", "label", "exponential"];
const POSITIVE: usize = 0;
const LABEL: usize = 1;
const EXPONENTIAL: usize = 2;

/// `exp(0)` by both tables: each begins with its largest entry.
fn one(formats: &Formats) -> i128 {
    let largest = (1i128 << formats.table_bits) - 1;
    largest * largest
}

/// Limbs of a remainder, which is below twice a sum of two exponentials.
fn remainder(formats: &Formats) -> usize {
    (2 * formats.table_bits + 2).div_ceil(formats.limb_bits) as usize
}

impl SigmoidCrossEntropy {
    pub(crate) fn relation<A: Algebra>(&self, (numbers, row): (&[A], &Row<A>), inputs: &[Facts], formats: &Formats) -> Relation<A> {
        let [hi, e_hi, lo, e_lo, q, rem, lacks] = std::array::from_fn(|i| numbers[i].clone());
        let [positive, y, e] = [POSITIVE, LABEL, EXPONENTIAL].map(|i| row.here[i].clone());
        let bit = |v: &A| v.clone() * (v.clone() - int(1));
        let one: A = int(one(formats));
        let sum = one.clone() + e.clone();
        let divisor = int::<A>(2) * sum.clone();
        let dividend = (e.clone() + positive.clone() * (one - e.clone())) * pow2(self.gradient_bits + 1) + sum;
        let zero = vec![
            Zero::each("positive is 0 or 1", bit(&positive)),
            Zero::each("the label is 0 or 1", bit(&y)),
            Zero::each("the exponential of both parts", e - e_hi * e_lo),
            Zero::each("quotient and remainder", dividend - divisor.clone() * q.clone() - rem.clone()),
            Zero::each("the remainder is below the divisor", rem + lacks + int(1) - divisor),
        ];
        let logit = (int::<A>(2) * positive - int(1)) * (hi * pow2(inputs[0].bits - 2) + lo);
        let output = q - y.clone() * int(self.weight()) - int(self.smoothing.into());
        Relation { zero, inputs: vec![logit, y], output, lent: None }
    }
}

impl Unit for SigmoidCrossEntropy {
    fn numbers(&self, _: &[Facts], formats: &Formats) -> Vec<Number> {
        // q <= 2^d.
        let (quotient, remainder) = ((self.gradient_bits + 1).div_ceil(formats.limb_bits) as usize, remainder(formats));
        let number = |name, limbs| Number { name, limbs };
        vec![
            number("high part", 1),
            number("high exponential", 1),
            number("low part", 1),
            number("low exponential", 1),
            number("quotient", quotient),
            number("remainder", remainder),
            number("what the remainder lacks", remainder),
        ]
    }

    /// # Panics
    ///
    /// Of no entry: none is beyond a row's width.
    fn entry(&self, executed: Option<Executed>, _: &[Facts], formats: &Formats) -> Vec<i128> {
        let executed = executed.expect("one entry a block");
        let [hi, e_hi, lo, e_lo, _, q, rem] = std::array::from_fn(|i| executed.cells[i].1[executed.entry]);
        vec![hi, e_hi, lo, e_lo, q, rem, 2 * (one(formats) + e_hi * e_lo) - 1 - rem]
    }

    fn row_cells(&self) -> &'static [&'static str] {
        ROW
    }

    /// Each entry's own.
    fn row(&self, executed: Executed, inputs: &[Facts], _: &Formats) -> Vec<Vec<i128>> {
        let entry = |i: usize| {
            let [e_hi, e_lo, positive, q] = [1, 3, 4, 5].map(|cell: usize| executed.cells[cell].1[i]);
            // The output says what label there was.
            let label = (q - executed.values[i] - i128::from(self.smoothing)).div_euclid(self.weight());
            vec![positive, label, e_hi * e_lo]
        };
        (executed.entry..executed.entry + inputs[0].len()).map(entry).collect()
    }

    fn tables(&self, inputs: &[Facts], formats: &Formats) -> Vec<Table> {
        exp_pair(formats, inputs[0].bits).to_vec()
    }
}
