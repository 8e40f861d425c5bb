//! The gradient's cell, in the block of the clamp that it belongs to: what is given is G times that one's own flag.

use super::super::unit::{Executed, Number, Relation, Unit};
use super::ClampGradient;
use crate::gadgets::algebra::Algebra;
use crate::tensor::{Facts, Formats};

impl ClampGradient {
    /// # Panics
    ///
    /// Where no unit of the block is a clamp: a graph's gradients are those of clamps.
    pub(crate) fn relation<A: Algebra>(&self, plain: &[A], host: Option<&Relation<A>>) -> Relation<A> {
        let inside = host.and_then(|h| h.lent.clone()).expect("a clamp has a flag");
        let gradient = plain[0].clone();
        Relation { zero: vec![], inputs: vec![gradient.clone()], output: inside * gradient, lent: None }
    }
}

impl Unit for ClampGradient {
    /// What the clamp gives, and what it is given.
    fn shares(&self, input: usize) -> bool {
        input > 0
    }

    fn numbers(&self, _: &[Facts], _: &Formats) -> Vec<Number> {
        vec![]
    }

    fn entry(&self, _: Option<Executed>, _: &[Facts], _: &Formats) -> Vec<i128> {
        vec![]
    }

    fn plain(&self) -> &'static [&'static str] {
        &["clamp's gradient"]
    }

    fn plain_cells(&self, executed: Option<Executed>) -> Vec<i128> {
        vec![executed.map_or(0, |e| e.cells[0].1[e.entry])]
    }
}
