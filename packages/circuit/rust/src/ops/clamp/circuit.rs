//! The clamp's cells: docs/operators/losses.md, section 2.

use super::super::clamped::FLAGS;
use super::super::unit::{Cells, Executed, Number, Relation, Unit};
use super::Clamp;
use crate::gadgets::algebra::Algebra;
use crate::tensor::{Facts, Formats};

impl Clamp {
    /// Lends whether the input is what is given: whether a gradient passes.
    pub(crate) fn relation<A: Algebra>(&self, cells: Cells<'_, A>) -> Relation<A> {
        let c = self.between().relation(cells.numbers, cells.plain);
        Relation { zero: c.zero, inputs: vec![c.x], output: c.value, lent: Some(c.inside) }
    }

    fn cells(&self, executed: Option<Executed>) -> ([i128; 3], [i128; 2]) {
        let (x, value) = executed.map_or((0, 0), |e| (e.cells[0].1[e.entry], e.values[e.entry]));
        self.between().cells(x, value)
    }
}

impl Unit for Clamp {
    fn numbers(&self, _: &[Facts], formats: &Formats) -> Vec<Number> {
        self.between().numbers(formats)
    }

    fn entry(&self, executed: Option<Executed>, _: &[Facts], _: &Formats) -> Vec<i128> {
        self.cells(executed).0.to_vec()
    }

    fn plain(&self) -> &'static [&'static str] {
        &FLAGS
    }

    fn plain_cells(&self, executed: Option<Executed>) -> Vec<i128> {
        self.cells(executed).1.to_vec()
    }
}
