//! What a circuit of a graph has to show: each unit's input, at a random point, is what the forms before it make of committed values;
//! and so is each trained tensor after a step.
//!
//! A value of shape `[.., n]` is a matrix: its last axis, and all others together as rows. At a point (x, y) it is
//! `sum_ij x^i y^j value[i][j]`. Forms own no cells: they are unfolded down to values that are committed (tensors, outputs of units),
//! to inner products, whose two sides are vectors that a later challenge pins, and to products of rows, which the scalar column sums.

mod forest;
mod pin;
mod room;
mod share;
mod unfold;

pub use forest::Forest;

use crate::autodiff::Training;
use crate::error::unsupported;
use crate::graph::Graph;
use crate::limits::{MAX_TOLERANCE_BITS, MAX_TOLERANCE_LIMBS};
use crate::ops::{Family, Op, Value};
use crate::tensor::{Facts, RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;
use std::collections::BTreeMap;

/// A coordinate of a point. Sigma and rho are drawn once all values are committed, tau once all vectors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    Sigma,
    Rho,
    Tau,
    One,
    /// Of rows alone: each for itself.
    Each,
}

/// A value at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evaluation {
    pub value: Value,
    pub rows: Point,
    pub last: Point,
}

/// What a term is a multiple of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    Committed(Evaluation),
    /// A trained tensor after some of the steps: `Claims::moved` says of what it is the sum.
    Moved(Evaluation),
    /// An inner product, by its number.
    Product(usize),
    /// Of a side of a product: the vector of zeros with a 1 at this place.
    One(usize),
    /// `sum_i a_i b_i`, of the rows of two values.
    Rows([Vec<Term>; 2]),
}

/// Repetition of `period` rows `count` times: the factor `sum_(i < count) x^(period i)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    pub point: Point,
    pub period: usize,
    pub count: usize,
}

/// `coefficient 2^shift rho^behind (repetitions) (rate factor) atom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub coefficient: i64,
    pub shift: u32,
    pub repeats: Vec<Repeat>,
    /// Of what is multiplied by a public rate, the rate's number, and by what else.
    pub rate: Option<(usize, RateFactor)>,
    /// Rows of its claim that stand before: it is multiplied by rho to as many.
    pub behind: usize,
    pub atom: Atom,
}

impl Term {
    fn of(atom: Atom) -> Self {
        Self { coefficient: 1, shift: 0, repeats: vec![], rate: None, behind: 0, atom }
    }
}

/// `<u, v>` of two vectors of `length` entries; each side's terms give the vector's value at tau, and a side without terms is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub length: usize,
    pub sides: [Vec<Term>; 2],
}

/// What a claim is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Input `input` of a unit, at (rho, sigma).
    Input { node: usize, input: usize },
    /// A trained tensor or a state after the last step, at the point where its columns are read.
    After(Value),
}

/// The targets, each behind so many rows of others, are together the sum of the terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub targets: Vec<(Target, usize)>,
    pub terms: Vec<Term>,
}

/// What is looked up beside the cells of weights, in whole limbs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beside {
    #[default]
    Nothing,
    /// The weights themselves, trained and frozen.
    Weights,
    /// By how much trained weights after the step are more than it gives, in so many limbs.
    Deviations(usize),
}

impl Claim {
    fn of(target: Target, terms: Vec<Term>) -> Self {
        Self { targets: vec![(target, 0)], terms }
    }
}

/// All of a graph.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    pub claims: Vec<Claim>,
    pub products: Vec<Product>,
    /// Values that are committed as outputs.
    pub outputs: Vec<Value>,
    /// Trained tensors and states that move, each with its value after the last step.
    pub updates: Vec<(Value, Value)>,
    /// Tensors of the public rates.
    pub rates: Vec<Value>,
    /// Of each value that an update gives, at each point that it is wanted at, what it is: the one before, less the rate times the
    /// gradient. Nothing but the last is committed.
    pub moved: BTreeMap<Evaluation, Vec<Term>>,
    pub beside: Beside,
    pub forest: Option<Forest>,
    /// Of each committed value where it is evaluated, each point once.
    wanted: BTreeMap<Value, Vec<Evaluation>>,
    /// For how many exports there is room where tensors of weights lie; where it is not said, for any number.
    pub room: BTreeMap<Value, usize>,
    /// Terms so far, and forms above the present one.
    terms: usize,
    depth: usize,
}

/// Rows and length of the last axis of a value; a scalar has one of each, and a vector one row.
pub fn matrix(facts: &Facts) -> (usize, usize) {
    let last = facts.shape.last().copied().unwrap_or(1);
    (facts.len() / last, last)
}

/// Where a tensor after a step is evaluated, beside what it was before. A state of two axes is read at no other point.
pub fn after_point(tensor: &Tensor) -> [Point; 2] {
    match tensor.role.is_state() && tensor.shape.len() > 1 {
        true => [Point::Rho, Point::Sigma],
        false => [Point::Sigma, Point::Tau],
    }
}

/// Whether an operator has no cells of its own.
fn linear(op: &Op) -> bool {
    op.family() != Family::Unit || matches!(op, Op::MeanSquaredError(_))
}

impl Claims {
    /// Those of a graph that goes forward, whose outputs are committed.
    ///
    /// Errors: `GRAPH_UNSUPPORTED` with the node (`at`): an operator that no circuit has yet, a product of a product, a batched
    /// product, an output that is no unit's.
    pub fn forward(graph: &Graph) -> Result<Self, PotError> {
        let mut me = Self { outputs: graph.outputs().to_vec(), room: room::room(graph), ..Self::default() };
        if let Some(v) = graph.outputs().iter().find(|v| graph.node(**v).is_none_or(|n| n.op.unit().is_none() && !matches!(n.op, Op::Trees(_)))) {
            return Err(unsupported(graph.name(*v), "an output that is no unit's: round it"));
        }
        if let Some(t) = graph.tensors().iter().find(|t| t.role.emitted()) {
            return Err(unsupported(&t.name, "what training alone has, in a graph that only goes forward"));
        }
        me.forest = forest::forest(graph)?;
        me.units(graph)?;
        me.share(graph);
        me.vectors_alone(graph)?;
        Ok(me.collected())
    }

    /// Those of steps of training: what is trained is committed before the first and after the last, and nothing else is an output.
    ///
    /// Errors: as [`Claims::forward`]; a trained tensor of one axis that is no bias.
    pub fn training(training: &Training) -> Result<Self, PotError> {
        let graph = &training.graph;
        let updates = training.updates.iter().map(|u| (u.0, u.1)).chain(training.states.iter().copied()).collect();
        let mut me = Self { updates, rates: training.rates.clone(), room: room::room(graph), ..Self::default() };
        me.units(graph)?;
        me.share(graph);
        me.pin(graph)?;
        me.vectors_alone(graph)?;
        for (before, after) in me.updates.clone() {
            let tensor = &graph.tensors()[before];
            // A tensor of one axis lies along the rows of its matrix.
            let point = if tensor.shape.len() < 2 { [Point::One, Point::Sigma] } else { after_point(tensor) };
            let terms = me.unfold(graph, after, point)?;
            me.claims.push(Claim::of(Target::After(before), terms));
        }
        Ok(me.collected())
    }

    /// Those of a step that somebody else took: each weight after it may deviate from what the step gives, by what so many limbs hold.
    /// Errors: as [`Claims::training`]; `SPEC_INVALID` for no limbs, or so many that they say nothing.
    pub fn tolerant(training: &Training, limbs: usize) -> Result<Self, PotError> {
        let b = training.graph.formats().limb_bits;
        if !(1..=MAX_TOLERANCE_LIMBS).contains(&limbs) || limbs as u32 * b > MAX_TOLERANCE_BITS {
            let most = format!("1 to {MAX_TOLERANCE_LIMBS} limbs, {MAX_TOLERANCE_BITS} bits together");
            return Err(PotError::new("SPEC_INVALID", format!("a tolerance of {limbs} limbs of {b} bits: {most}")));
        }
        Ok(Self { beside: Beside::Deviations(limbs), ..Self::training(training)? })
    }

    /// Those of a graph's first weights: each is in its range. Nothing is computed; they are of the graph of the weights alone.
    pub fn genesis(graph: &Graph) -> Self {
        Self { beside: Beside::Weights, room: room::room_of_weights(graph), ..Self::default() }
    }

    fn collected(mut self) -> Self {
        let sides = self.products.iter().flat_map(|p| &p.sides);
        for e in self.claims.iter().map(|c| &c.terms).chain(sides).chain(self.moved.values()).flat_map(|t| evaluations(t)) {
            let all = self.wanted.entry(e.value).or_default();
            if !all.contains(&e) {
                all.push(e);
            }
        }
        self
    }

    fn units(&mut self, graph: &Graph) -> Result<(), PotError> {
        let forest = self.forest.as_ref().map(|f| f.node);
        // What trees ask is looked up in the data.
        for (i, node) in graph.nodes().iter().enumerate().filter(|(i, n)| !linear(&n.op) && forest != Some(*i)) {
            let Some(unit) = node.op.unit() else {
                return Err(unsupported(&node.name, format!("{} has no circuit yet", node.op.name())));
            };
            for input in (0..node.inputs.len()).filter(|i| !unit.shares(*i)) {
                let terms = self.unfold(graph, node.inputs[input], [Point::Rho, Point::Sigma])?;
                self.claims.push(Claim::of(Target::Input { node: i, input }, terms));
            }
        }
        Ok(())
    }

    /// A tensor of weights of one axis lies in a column. Cells beside it are 0 because a power of tau that they have is in nothing
    /// else; inside a product a vector could have it.
    fn vectors_alone(&self, graph: &Graph) -> Result<(), PotError> {
        let terms = self.products.iter().flat_map(|p| &p.sides).flatten();
        let mut values = terms.filter_map(|t| match &t.atom {
            Atom::Committed(e) | Atom::Moved(e) => Some(e.value),
            _ => None,
        });
        match values.find(|v| weights(graph, *v) && graph.facts(*v).shape.len() < 2) {
            Some(v) => Err(unsupported(graph.name(v), "weights of one axis inside a product have no circuit yet")),
            None => Ok(()),
        }
    }

    /// Whether there is a rate for each step.
    pub fn corrected(&self, graph: &Graph) -> bool {
        self.rates.len() > 1 || self.rates.iter().any(|v| graph.tensors()[*v].role == Role::CorrectedRate)
    }

    /// Where claims and products need a value.
    pub fn evaluations(&self, value: Value) -> &[Evaluation] {
        self.wanted.get(&value).map_or(&[], |e| e)
    }
}

/// Whether a value is a tensor of weights, or what an update makes of one.
fn weights(graph: &Graph, value: Value) -> bool {
    match graph.node(value) {
        Some(node) => matches!(node.op, Op::Sgd(_)),
        None => matches!(graph.tensors()[value].role, Role::Trained | Role::Frozen),
    }
}

/// Those of what is committed.
fn evaluations(terms: &[Term]) -> Vec<Evaluation> {
    let each = |t: &Term| match &t.atom {
        Atom::Committed(e) => vec![*e],
        Atom::Product(_) | Atom::One(_) | Atom::Moved(_) => vec![],
        Atom::Rows(sides) => sides.iter().flat_map(|s| evaluations(s)).collect(),
    };
    terms.iter().flat_map(each).collect()
}
