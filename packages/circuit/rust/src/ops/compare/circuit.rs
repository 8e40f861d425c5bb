//! A comparison's cells: for each limit a flag m and a number u of two limbs, `sign (x - limit) + 1 = m (2 u + 1) - u`. So the flag is
//! 1 where that is positive, and 0 where it is not.

use super::super::unit::{Executed, Number, Relation, Row, Unit, Zero};
use super::Compare;
use crate::gadgets::algebra::{int, Algebra};
use crate::tensor::{Facts, Formats};

/// Flags, which are row cells: so no entry is beyond a row's width, where 0 could be within the limits.
const FLAGS: [&str; 2] = ["flag", "second flag"];
const IS_ONE: [&str; 2] = ["the flag is 0 or 1", "the second flag is 0 or 1"];

impl Compare {
    pub(crate) fn relation<A: Algebra>(&self, (numbers, row): (&[A], &Row<A>)) -> Relation<A> {
        let (mut zero, mut read) = (vec![], vec![]);
        for (i, side) in self.sides().into_iter().enumerate() {
            let (m, u) = (row.here[i].clone(), numbers[i].clone());
            zero.push(Zero::each(IS_ONE[i], m.clone() * (m.clone() - int(1))));
            let distance = m * (int::<A>(2) * u.clone() + int(1)) - u;
            read.push(int::<A>(side.limit) + int::<A>(side.sign) * (distance - int(1)));
        }
        let mut flags = row.here[..read.len()].to_vec();
        let mut output = flags.remove(0);
        if let Some(other) = flags.pop() {
            zero.push(Zero::each("both limits are of one number", read[0].clone() - read[1].clone()));
            output = output * other;
        }
        Relation { zero, inputs: vec![read.remove(0)], output, lent: None }
    }
}

impl Unit for Compare {
    fn numbers(&self, _: &[Facts], _: &Formats) -> Vec<Number> {
        ["distance", "second distance"].into_iter().take(self.sides().len()).map(|name| Number { name, limbs: 2 }).collect()
    }

    /// # Panics
    ///
    /// Of no entry: none is beyond a row's width.
    fn entry(&self, executed: Option<Executed>, _: &[Facts], _: &Formats) -> Vec<i128> {
        let e = executed.expect("one entry a block");
        // A flag, and a distance.
        e.cells.chunks(2).map(|side| side[1].1[e.entry]).collect()
    }

    fn row_cells(&self) -> &'static [&'static str] {
        &FLAGS[..self.sides().len()]
    }

    fn row(&self, e: Executed, inputs: &[Facts], _: &Formats) -> Vec<Vec<i128>> {
        (0..inputs[0].len()).map(|i| e.cells.chunks(2).map(|side| side[0].1[e.entry + i]).collect()).collect()
    }
}
