//! What a unit is to a circuit: its numbers, and what they say. Formulas are written once, for gates and for witnesses.

use super::tables::Table;
use super::{
    Activation, ActivationGradient, ArgMax, Clamp, ClampGradient, Compare, Downscale, Huber, L2Penalty, MeanAbsoluteError, Op, Ratio, Round,
    RoundGradient, SecondMoment, SigmoidCrossEntropy, SoftmaxCrossEntropy,
};
use crate::gadgets::algebra::{int, Algebra};
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
    /// Bits by which the unit's first input is shifted ([`Unit::lift`], or more).
    pub lift: u32,
}

/// An entry's row cells, and those of the entry after it in its row, which stands above it: zeros where there is none.
#[derive(Clone, Debug)]
pub struct Row<A> {
    pub here: Vec<A>,
    pub above: Vec<A>,
    /// 1 where there is an entry above, and 1 in a row's first entry, which is its lowest; else 0.
    pub follows: A,
    pub ends: A,
}

impl<A: Algebra> Row<A> {
    /// Of a unit without row cells.
    pub fn none() -> Self {
        Self { here: vec![], above: vec![], follows: int(0), ends: int(0) }
    }
}

/// An entry's cells: numbers, what no lookup covers, and its row's.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a, A> {
    pub numbers: &'a [A],
    pub plain: &'a [A],
    pub row: &'a Row<A>,
}

/// What must be zero: `each` in every entry, of degree two at most, plus `along`, of degree three at most, whose terms have a factor
/// of [`Row::above`], [`Row::follows`] or [`Row::ends`], and so are 0 where there is no entry.
#[derive(Clone, Debug)]
pub struct Zero<A> {
    pub name: &'static str,
    pub each: A,
    pub along: A,
}

impl<A: Algebra> Zero<A> {
    /// Of an entry's own numbers.
    pub fn each(name: &'static str, each: A) -> Self {
        Self { name, each, along: int(0) }
    }
    /// Of what only some entries have.
    pub fn along(name: &'static str, along: A) -> Self {
        Self { name, each: int(0), along }
    }
}

/// What the numbers of an entry say.
#[derive(Clone, Debug)]
pub struct Relation<A> {
    pub zero: Vec<Zero<A>>,
    /// The entry's inputs that are its own, and its output: of degree two at most.
    pub inputs: Vec<A>,
    pub output: A,
    /// What a unit in the same block takes of it: whether the output is positive, its slope, or the input itself; or its root.
    pub lent: Option<A>,
}

/// The numbers' side of an operator that owns cells. An entry beyond a value's width has inputs of 0, and its output must be 0 then;
/// where there are row cells, a block holds one entry, and none is beyond the width.
pub trait Unit {
    /// Whether input `i` is the output of a unit in the same block, of which it is a part, or what that one is given. The output comes
    /// first.
    fn shares(&self, _: usize) -> bool {
        false
    }
    /// Whether the unit can show its first input shifted by any number of bits in place of the input, its output the same: a rounding
    /// by as many bits more. By how many it is to be shifted at least, so that remainders are whole limbs; the circuit's inputs are
    /// those that are shifted, and equations know it.
    fn lift(&self, _: &[Facts], _: &Formats) -> Option<u32> {
        None
    }
    /// For inputs of these fractional bits. Their shape is the last axis where there are row cells, else it is none.
    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number>;
    /// The numbers of an entry; of none, of an entry whose inputs are 0. A liar's may be negative.
    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], formats: &Formats) -> Vec<i128>;
    /// Names of cells of an entry that no lookup covers.
    fn plain(&self) -> &'static [&'static str] {
        &[]
    }
    /// Those of an entry; of none, of one whose inputs are 0.
    fn plain_cells(&self, _: Option<Executed>) -> Vec<i128> {
        vec![0; self.plain().len()]
    }
    /// Names of the cells in which an entry holds what is of its whole row, or of the part of it from this entry on. No lookup covers
    /// them.
    fn row_cells(&self) -> &'static [&'static str] {
        &[]
    }
    /// Those of each entry of the row that begins with this one.
    fn row(&self, _: Executed, _: &[Facts], _: &Formats) -> Vec<Vec<i128>> {
        vec![]
    }
    /// Tables in which pairs of numbers are looked up: the first two, of a limb each, in the first table, the next two in the next; or
    /// triples, of tables of two functions. All of them have as many. Such units have one entry a block.
    fn tables(&self, _: &[Facts], _: &Formats) -> Vec<Table> {
        vec![]
    }
}

impl Op {
    /// As a unit, where there is a circuit of it.
    pub fn unit(&self) -> Option<&dyn Unit> {
        match self {
            Self::Round(round) => Some(round as &dyn Unit),
            Self::RoundGradient(gradient) => Some(gradient as &dyn Unit),
            Self::Activation(activation) => Some(activation as &dyn Unit),
            Self::ActivationGradient(gradient) => Some(gradient as &dyn Unit),
            Self::SoftmaxCrossEntropy(softmax) => Some(softmax as &dyn Unit),
            Self::SigmoidCrossEntropy(sigmoid) => Some(sigmoid as &dyn Unit),
            Self::Clamp(clamp) => Some(clamp as &dyn Unit),
            Self::ClampGradient(gradient) => Some(gradient as &dyn Unit),
            Self::MeanAbsoluteError(loss) => Some(loss as &dyn Unit),
            Self::Huber(loss) => Some(loss as &dyn Unit),
            Self::L2Penalty(penalty) => Some(penalty as &dyn Unit),
            Self::Downscale(downscale) => Some(downscale as &dyn Unit),
            Self::SecondMoment(moment) => Some(moment as &dyn Unit),
            Self::Ratio(ratio) => Some(ratio as &dyn Unit),
            Self::Compare(compare) => Some(compare as &dyn Unit),
            Self::ArgMax(argmax) => Some(argmax as &dyn Unit),
            _ => None,
        }
    }

    /// What its cells say, behind those of the unit of the same block whose output it shares.
    ///
    /// # Panics
    ///
    /// Where it is no unit.
    pub fn relation<A: Algebra>(&self, cells: Cells<'_, A>, inputs: &[Facts], formats: &Formats, host: Option<&Relation<A>>) -> Relation<A> {
        match self {
            Self::Round(round) => Round::relation(round, cells.numbers, inputs, formats),
            Self::RoundGradient(gradient) => RoundGradient::relation(gradient, cells.numbers, inputs, formats, host),
            Self::Activation(activation) => Activation::relation(activation, cells, inputs, formats),
            Self::ActivationGradient(gradient) => ActivationGradient::relation(gradient, cells.numbers, inputs, formats, host),
            Self::SoftmaxCrossEntropy(softmax) => SoftmaxCrossEntropy::relation(softmax, (cells.numbers, cells.row), inputs, formats),
            Self::SigmoidCrossEntropy(sigmoid) => SigmoidCrossEntropy::relation(sigmoid, (cells.numbers, cells.row), inputs, formats),
            Self::Clamp(clamp) => Clamp::relation(clamp, cells),
            Self::ClampGradient(gradient) => ClampGradient::relation(gradient, cells.plain, host),
            Self::MeanAbsoluteError(loss) => MeanAbsoluteError::relation(loss, cells),
            Self::Huber(loss) => Huber::relation(loss, cells, inputs),
            Self::L2Penalty(penalty) => L2Penalty::relation(penalty, cells.numbers, inputs, formats),
            Self::Downscale(downscale) => Downscale::relation(downscale, cells.numbers, formats),
            Self::SecondMoment(moment) => SecondMoment::relation(moment, cells, inputs, formats),
            Self::Ratio(ratio) => Ratio::relation(ratio, cells.numbers, inputs, formats, host),
            Self::Compare(compare) => Compare::relation(compare, (cells.numbers, cells.row)),
            Self::ArgMax(argmax) => ArgMax::relation(argmax, (cells.numbers, cells.row)),
            _ => unreachable!("{} is no unit", self.name()),
        }
    }
}
