//! The softmax's cells. `t = M - z` in two parts, exponentials of both by table; a quotient with its remainder and what that lacks of
//! the divisor; and of the row its maximum, the sum of exponentials, and flags that rise once on the way to its first entry: one at a
//! maximum, one at the label.

use super::super::tables::Table;
use super::super::unit::{Executed, Number, Relation, Row, Unit, Zero};
use super::{exp_pair, SoftmaxCrossEntropy};
use crate::gadgets::algebra::{int, pow2, Algebra};
use crate::tensor::{Facts, Formats};

const ROW: &[&str] = &["maximum", "sum of exponentials", "sum so far", "maximum met", "label met"];
const MAXIMUM: usize = 0;
const SUM: usize = 1;
const PART: usize = 2;
const MET: usize = 3;
const LABEL: usize = 4;

/// What the unit's numbers are to each other.
struct Cells<A> {
    t: A,
    e: A,
    q: A,
    rem: A,
    lacks: A,
}

impl SoftmaxCrossEntropy {
    pub(crate) fn relation<A: Algebra>(&self, (numbers, row): (&[A], &Row<A>), inputs: &[Facts]) -> Relation<A> {
        let [hi, e_hi, lo, e_lo, q, rem, lacks] = std::array::from_fn(|i| numbers[i].clone());
        let cells = Cells { t: hi * pow2(inputs[0].bits - 2) + lo, e: e_hi * e_lo, q: q.clone(), rem, lacks };
        let zero = [self.of_row(&cells, row), self.of_label(row), self.of_quotient(&cells, &row.here[SUM])].concat();
        let y = row.here[LABEL].clone() - row.above[LABEL].clone();
        let output = q - y.clone() * pow2(self.gradient_bits);
        Relation { zero, inputs: vec![row.here[MAXIMUM].clone() - cells.t, y], output, mask: None }
    }

    /// The maximum is one of the row, and the sum the row's.
    fn of_row<A: Algebra>(&self, c: &Cells<A>, row: &Row<A>) -> Vec<Zero<A>> {
        let (here, above) = (|i: usize| row.here[i].clone(), |i: usize| row.above[i].clone());
        let follows = || row.follows.clone();
        vec![
            Zero { name: "what is met is the maximum", each: here(MET) * c.t.clone(), along: int::<A>(0) - above(MET) * c.t.clone() },
            Zero::along("one maximum a row", follows() * here(MAXIMUM) - above(MAXIMUM)),
            Zero::along("one sum a row", follows() * here(SUM) - above(SUM)),
            Zero { name: "the sum so far", each: here(PART) - c.e.clone(), along: int::<A>(0) - above(PART) },
            Zero::along("the last sum so far is the sum", row.ends.clone() * (here(PART) - here(SUM))),
            Zero::along("the maximum is met", row.ends.clone() * (here(MET) - int(1))),
        ]
    }

    /// The flag is 0 or 1, does not fall, and ends at 1.
    fn of_label<A: Algebra>(&self, row: &Row<A>) -> Vec<Zero<A>> {
        let (label, above) = (row.here[LABEL].clone(), row.above[LABEL].clone());
        vec![
            Zero::each("the label is met or not", label.clone() * (label.clone() - int(1))),
            Zero::along("what is met stays so", above * (int::<A>(1) - label.clone())),
            Zero::along("the label is met", row.ends.clone() * (label - int(1))),
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

impl Unit for SoftmaxCrossEntropy {
    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number> {
        let limbs = |bits: u32| bits.div_ceil(formats.limb_bits) as usize;
        // q <= 2^d, and the remainder is below 2 S <= 2^(2p + 1) classes.
        let (quotient, remainder) = (limbs(self.gradient_bits + 1), limbs(2 * formats.table_bits + 1 + width(inputs).next_power_of_two().ilog2()));
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
    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], _: &Formats) -> Vec<i128> {
        let executed = executed.expect("one entry a block");
        let of = |name: &str| cell(&executed, name)[executed.entry];
        let (sum, rem) = (cell(&executed, "sum")[executed.entry / width(inputs)], of("rem"));
        vec![of("hi"), of("eHi"), of("lo"), of("eLo"), of("q"), rem, 2 * sum - 1 - rem]
    }

    fn row_cells(&self) -> &'static [&'static str] {
        ROW
    }

    /// From the last entry to the first: so each has what is of the entries from it on.
    fn row(&self, executed: Executed, inputs: &[Facts]) -> Vec<Vec<i128>> {
        let (width, from) = (width(inputs), executed.entry);
        let of_row = |name: &str| cell(&executed, name)[from / width];
        let [e_hi, e_lo, q] = ["eHi", "eLo", "q"].map(|name| cell(&executed, name));
        let (mut part, mut label) = (0, 0);
        let entries = (0..width).rev().map(|i| {
            part += e_hi[from + i] * e_lo[from + i];
            // The output says what label there was.
            label += (q[from + i] - executed.values[from + i]) >> self.gradient_bits;
            let met = i128::from(i as i128 <= of_row("argMax"));
            vec![of_row("max"), of_row("sum"), part, met, label]
        });
        let mut entries: Vec<Vec<i128>> = entries.collect();
        entries.reverse();
        entries
    }

    fn tables(&self, inputs: &[Facts], formats: &Formats) -> Vec<Table> {
        exp_pair(formats, inputs[0].bits).to_vec()
    }
}
