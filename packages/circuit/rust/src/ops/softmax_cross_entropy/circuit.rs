//! The softmax's cells. `t = M - z` in two parts, exponentials of both by table; a quotient with its remainder and what that lacks of
//! the divisor; the label; and of the row its maximum, the sum of exponentials, the sum so far, which has the labels far above, and a flag
//! that rises once on the way to its first entry, at a maximum.

use super::super::tables::Table;
use super::super::unit::{Executed, Number, Relation, Row, Unit, Zero};
use super::{exp_pair, SoftmaxCrossEntropy};
use crate::gadgets::algebra::{int, pow2, Algebra};
use crate::tensor::{Facts, Formats};

const ROW: &[&str] = &["maximum", "sum of exponentials", "sum so far", "maximum met"];
const MAXIMUM: usize = 0;
const SUM: usize = 1;
const PART: usize = 2;
const MET: usize = 3;

/// What the unit's numbers are to each other.
struct Cells<A> {
    t: A,
    e: A,
    q: A,
    rem: A,
    lacks: A,
    /// 2^n times the label, n the bits of a remainder's limbs: no sum of exponentials has as many.
    label: A,
}

impl SoftmaxCrossEntropy {
    pub(crate) fn relation<A: Algebra>(&self, (numbers, row): (&[A], &Row<A>), inputs: &[Facts], formats: &Formats) -> Relation<A> {
        let [hi, e_hi, lo, e_lo, q, rem, lacks, y] = std::array::from_fn(|i| numbers[i].clone());
        let one: A = pow2(remainder(inputs, formats) as u32 * formats.limb_bits);
        let cells = Cells { t: hi * pow2(inputs[0].bits - 2) + lo, e: e_hi * e_lo, q: q.clone(), rem, lacks, label: y.clone() * one.clone() };
        let zero = [self.of_row(&cells, row, one), self.of_quotient(&cells, &row.here[SUM])].concat();
        let unsmoothed = q - y.clone() * int(self.weight(width(inputs)));
        let output = if self.smoothing == 0 { unsmoothed } else { unsmoothed - int(self.smoothing.into()) };
        Relation { zero, inputs: vec![row.here[MAXIMUM].clone() - cells.t, y], output, lent: None }
    }

    /// What label there was, by the output.
    fn label(&self, q: i128, output: i128, classes: usize) -> i128 {
        (q - output - i128::from(self.smoothing)).div_euclid(self.weight(classes))
    }

    /// The maximum is one of the row, the sum the row's, and of the labels one is 1.
    fn of_row<A: Algebra>(&self, c: &Cells<A>, row: &Row<A>, one: A) -> Vec<Zero<A>> {
        let (here, above) = (|i: usize| row.here[i].clone(), |i: usize| row.above[i].clone());
        let follows = || row.follows.clone();
        vec![
            Zero { name: "what is met is the maximum", each: here(MET) * c.t.clone(), along: int::<A>(0) - above(MET) * c.t.clone() },
            Zero::along("one maximum a row", follows() * here(MAXIMUM) - above(MAXIMUM)),
            Zero::along("one sum a row", follows() * here(SUM) - above(SUM)),
            Zero { name: "the sum so far", each: here(PART) - c.e.clone() - c.label.clone(), along: int::<A>(0) - above(PART) },
            Zero::along("the last sum so far is the sum and a label", row.ends.clone() * (here(PART) - here(SUM) - one)),
            Zero::along("the maximum is met", row.ends.clone() * (here(MET) - int(1))),
        ]
    }

    fn of_quotient<A: Algebra>(&self, c: &Cells<A>, sum: &A) -> Vec<Zero<A>> {
        let divisor = int::<A>(2) * sum.clone();
        let divided = c.e.clone() * pow2(self.gradient_bits + 1) + sum.clone();
        vec![
            Zero::each("quotient and remainder", divided - divisor.clone() * c.q.clone() - c.rem.clone()),
            Zero::each("the remainder is below the divisor", c.rem.clone() + c.lacks.clone() + int(1) - divisor),
        ]
    }
}

/// The executor's integers by their names.
fn cell<'a>(executed: &Executed<'a>, name: &str) -> &'a [i128] {
    &executed.cells.iter().find(|(n, _)| *n == name).expect("an integer of the unit").1
}

/// Entries of a row.
fn width(inputs: &[Facts]) -> usize {
    inputs[0].len()
}

/// Limbs of a remainder, which is below 2 S <= 2^(2p + 1) classes.
fn remainder(inputs: &[Facts], formats: &Formats) -> usize {
    let bits = 2 * formats.table_bits + 1 + width(inputs).next_power_of_two().ilog2();
    bits.div_ceil(formats.limb_bits) as usize
}

impl Unit for SoftmaxCrossEntropy {
    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number> {
        // q <= 2^d.
        let (quotient, remainder) = ((self.gradient_bits + 1).div_ceil(formats.limb_bits) as usize, remainder(inputs, formats));
        let number = |name, limbs| Number { name, limbs };
        vec![
            number("high part", 1),
            number("high exponential", 1),
            number("low part", 1),
            number("low exponential", 1),
            number("quotient", quotient),
            number("remainder", remainder),
            number("what the remainder lacks", remainder),
            number("label", 1),
        ]
    }

    /// # Panics
    ///
    /// Of no entry: none is beyond a row's width.
    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], _: &Formats) -> Vec<i128> {
        let executed = executed.expect("one entry a block");
        let of = |name: &str| cell(&executed, name)[executed.entry];
        let (sum, rem) = (cell(&executed, "sum")[executed.entry / width(inputs)], of("rem"));
        let label = self.label(of("q"), executed.values[executed.entry], width(inputs));
        vec![of("hi"), of("eHi"), of("lo"), of("eLo"), of("q"), rem, 2 * sum - 1 - rem, label]
    }

    fn row_cells(&self) -> &'static [&'static str] {
        ROW
    }

    /// From the last entry to the first: so each has what is of the entries from it on.
    fn row(&self, executed: Executed, inputs: &[Facts], formats: &Formats) -> Vec<Vec<i128>> {
        let (width, from) = (width(inputs), executed.entry);
        let of_row = |name: &str| cell(&executed, name)[from / width];
        let [e_hi, e_lo, q] = ["eHi", "eLo", "q"].map(|name| cell(&executed, name));
        let one = remainder(inputs, formats) as u32 * formats.limb_bits;
        let mut part = 0;
        let entries = (0..width).rev().map(|i| {
            // The output says what label there was.
            let label = self.label(q[from + i], executed.values[from + i], width);
            part += e_hi[from + i] * e_lo[from + i] + (label << one);
            let met = i128::from(i as i128 <= of_row("argMax"));
            vec![of_row("max"), of_row("sum"), part, met]
        });
        let mut entries: Vec<Vec<i128>> = entries.collect();
        entries.reverse();
        entries
    }

    fn tables(&self, inputs: &[Facts], formats: &Formats) -> Vec<Table> {
        exp_pair(formats, inputs[0].bits).to_vec()
    }
}
