//! The loss's cells: docs/operators/losses.md, section 3.

use super::super::residual::{entry, plain_cells, PLAIN};
use super::super::unit::{Cells, Executed, Number, Relation, Unit};
use super::MeanAbsoluteError;
use crate::gadgets::algebra::Algebra;
use crate::tensor::{Facts, Formats};

impl MeanAbsoluteError {
    pub(crate) fn relation<A: Algebra>(&self, cells: Cells<'_, A>) -> Relation<A> {
        self.residual().relation(cells)
    }
}

impl Unit for MeanAbsoluteError {
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
