//! What a unit is to a circuit: its numbers, and what they say. Formulas are written once, for gates and for witnesses.

use super::{Op, Round, RoundGradient};
use crate::gadgets::algebra::Algebra;
use crate::tensor::{Facts, Formats};

/// A number of an entry that is not negative, in limbs that the range lookup covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    pub name: &'static str,
    pub limbs: usize,
}

/// An entry of what the executor gave.
#[derive(Clone, Copy, Debug)]
pub struct Executed<'a> {
    pub cells: &'a [(&'static str, Vec<i128>)],
    pub values: &'a [i128],
    pub entry: usize,
}

/// What the numbers of an entry say.
#[derive(Clone, Debug)]
pub struct Relation<A> {
    /// Each is zero, and of degree two at most.
    pub zero: Vec<(&'static str, A)>,
    /// The entry's inputs that are its own, and its output.
    pub inputs: Vec<A>,
    pub output: A,
    /// Whether the output is positive, where that is known: for units in the same block.
    pub mask: Option<A>,
}

/// The numbers' side of an operator that owns cells. An entry beyond a value's width has inputs of 0, and its output must be 0 then.
pub trait Unit {
    /// Whether input `i` is the output of a unit in the same block, of which it is a part.
    fn shares(&self, _: usize) -> bool {
        false
    }
    /// For inputs of these fractional bits.
    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number>;
    /// The numbers of an entry; of none, of an entry whose inputs are 0. A liar's may be negative.
    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], formats: &Formats) -> Vec<i128>;
}

impl Op {
    /// As a unit, where there is a circuit of it.
    pub fn unit(&self) -> Option<&dyn Unit> {
        match self {
            Self::Round(round) => Some(round as &dyn Unit),
            Self::RoundGradient(gradient) => Some(gradient as &dyn Unit),
            _ => None,
        }
    }

    /// What its numbers say, behind those of the unit of the same block whose output it shares.
    ///
    /// # Panics
    ///
    /// Where it is no unit.
    pub fn relation<A: Algebra>(&self, numbers: &[A], inputs: &[Facts], formats: &Formats, host: Option<&Relation<A>>) -> Relation<A> {
        match self {
            Self::Round(round) => Round::relation(round, numbers, inputs, formats),
            Self::RoundGradient(gradient) => RoundGradient::relation(gradient, numbers, inputs, formats, host),
            _ => unreachable!("{} is no unit", self.name()),
        }
    }
}
