//! A choice's cells. Each entry has the row's maximum M, whether it is the choice (c), whether that is met from it on (p), and by how
//! much it is less than M, or than M - 1 where the choice stands behind it: `z = M - (p - c) - distance`.

use super::super::unit::{Executed, Number, Relation, Row, Unit, Zero};
use super::ArgMax;
use crate::gadgets::algebra::{int, Algebra};
use crate::tensor::{Facts, Formats};

const ROW: &[&str] = &["maximum", "choice", "choices so far"];
const MAXIMUM: usize = 0;
const CHOICE: usize = 1;
const MET: usize = 2;

impl ArgMax {
    pub(crate) fn relation<A: Algebra>(&self, (numbers, row): (&[A], &Row<A>)) -> Relation<A> {
        let (here, above) = (|i: usize| row.here[i].clone(), |i: usize| row.above[i].clone());
        let (choice, met, distance) = (here(CHOICE), here(MET), numbers[0].clone());
        let zero = vec![
            Zero::each("the choice is 0 or 1", choice.clone() * (choice.clone() - int(1))),
            Zero { name: "the choices so far", each: met.clone() - choice.clone(), along: int::<A>(0) - above(MET) },
            Zero::along("one is chosen", row.ends.clone() * (met.clone() - int(1))),
            Zero::each("what is chosen is the maximum", choice.clone() * distance.clone()),
            Zero::along("one maximum a row", row.follows.clone() * here(MAXIMUM) - above(MAXIMUM)),
        ];
        let input = here(MAXIMUM) - (met - choice.clone()) - distance;
        Relation { zero, inputs: vec![input], output: choice, lent: None }
    }
}

impl Unit for ArgMax {
    fn numbers(&self, _: &[Facts], _: &Formats) -> Vec<Number> {
        vec![Number { name: "distance", limbs: 2 }]
    }

    /// # Panics
    ///
    /// Of no entry: none is beyond a row's width.
    fn entry(&self, executed: Option<Executed>, _: &[Facts], _: &Formats) -> Vec<i128> {
        let e = executed.expect("one entry a block");
        vec![e.cells[1].1[e.entry]]
    }

    fn row_cells(&self) -> &'static [&'static str] {
        ROW
    }

    /// From the last entry to the first.
    fn row(&self, e: Executed, inputs: &[Facts], _: &Formats) -> Vec<Vec<i128>> {
        let width = inputs[0].len();
        let (max, choices) = (e.cells[0].1[e.entry / width], &e.values[e.entry..e.entry + width]);
        (0..width).map(|i| vec![max, choices[i], choices[i..].iter().sum()]).collect()
    }
}
