//! The loss's cells: docs/operators/losses.md, section 3.

use super::super::residual::{entry, plain_cells, PLAIN};
use super::super::unit::{Cells, Executed, Number, Relation, Unit};
use super::Huber;
use crate::gadgets::algebra::Algebra;
use crate::tensor::{Facts, Formats};

impl Huber {
    pub(crate) fn relation<A: Algebra>(&self, cells: Cells<'_, A>, inputs: &[Facts]) -> Relation<A> {
        self.residual(inputs[0].bits).relation(cells)
    }
}

impl Unit for Huber {
    fn numbers(&self, _: &[Facts], formats: &Formats) -> Vec<Number> {
        self.between().numbers(formats)
    }

    fn entry(&self, executed: Option<Executed>, _: &[Facts], _: &Formats) -> Vec<i128> {
        entry(self.between(), executed)
    }

    fn plain(&self) -> &'static [&'static str] {
        PLAIN
    }

    fn plain_cells(&self, executed: Option<Executed>) -> Vec<i128> {
        plain_cells(self.between(), executed)
    }
}
