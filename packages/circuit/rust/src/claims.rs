//! What a circuit of a graph has to show: each unit's input, at a random point, is what the forms before it make of committed values.
//!
//! A value of shape `[.., n]` is a matrix: its last axis, and all others together as rows. At a point (x, y) it is
//! `sum_ij x^i y^j value[i][j]`. Forms own no cells: they are unfolded down to values that are committed (tensors, outputs of units)
//! and to inner products, whose two sides are vectors that a later challenge pins.

use crate::error::unsupported;
use crate::graph::Graph;
use crate::ops::{Family, Matmul, Op, Sum, Value};
use crate::tensor::{Facts, Role};
use pot_proof_system::error::PotError;

/// A coordinate of a point: 1, or a challenge. Sigma and rho are drawn once all values are committed, tau once all vectors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    Sigma,
    Rho,
    Tau,
}

/// A committed value at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Evaluation {
    pub value: Value,
    pub rows: Point,
    pub last: Point,
}

/// What a term is a multiple of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Atom {
    Committed(Evaluation),
    /// An inner product, by its number.
    Product(usize),
}

/// Repetition of `period` rows `count` times: the factor `sum_(i < count) x^(period i)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    pub point: Point,
    pub period: usize,
    pub count: usize,
}

/// `coefficient 2^shift (repetitions) atom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub coefficient: i64,
    pub shift: u32,
    pub repeats: Vec<Repeat>,
    pub atom: Atom,
}

/// `<u, v>` of two vectors of `length` entries; each side's terms give the vector's value at tau.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub length: usize,
    pub sides: [Vec<Term>; 2],
}

/// Input `input` of a unit, at (rho, sigma), is the sum of the terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub node: usize,
    pub input: usize,
    pub terms: Vec<Term>,
}

/// All of a graph.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    pub claims: Vec<Claim>,
    pub products: Vec<Product>,
}

/// Rows and length of the last axis of a value; a scalar has one of each, and a vector one row.
pub fn matrix(facts: &Facts) -> (usize, usize) {
    let last = facts.shape.last().copied().unwrap_or(1);
    (facts.len() / last, last)
}

impl Claims {
    /// Those of a forward graph. Errors: `GRAPH_UNSUPPORTED` with the node (`at`): an operator that no circuit has yet, a product of a
    /// product, a batched product, an output that is no unit's.
    pub fn new(graph: &Graph) -> Result<Self, PotError> {
        let mut me = Self::default();
        for (i, node) in graph.nodes().iter().enumerate().filter(|(_, n)| n.op.family() != Family::Form) {
            if node.op.unit().is_none() {
                return Err(unsupported(&node.name, format!("{} has no circuit yet", node.op.name())));
            }
            for (input, value) in node.inputs.iter().enumerate() {
                let terms = me.unfold(graph, &node.name, *value, [Point::Rho, Point::Sigma])?;
                me.claims.push(Claim { node: i, input, terms });
            }
        }
        let tensors = graph.tensors().len();
        if let Some(v) = graph.outputs().iter().find(|v| graph.nodes()[**v - tensors].op.unit().is_none()) {
            return Err(unsupported(graph.name(*v), "an output that is no unit's: round it"));
        }
        if let Some(t) = graph.tensors().iter().find(|t| t.role == Role::Rate) {
            return Err(unsupported(&t.name, "a rate, in a graph that only goes forward"));
        }
        me.vectors_alone(graph)?;
        Ok(me)
    }

    /// A tensor of weights of one axis lies in a column. Cells beside it are 0 because a power of tau that they have is in nothing
    /// else; inside a product a vector could have it.
    fn vectors_alone(&self, graph: &Graph) -> Result<(), PotError> {
        for t in self.products.iter().flat_map(|p| &p.sides).flatten() {
            let Atom::Committed(e) = t.atom else { continue };
            let weights = graph.tensors().get(e.value).filter(|t| matches!(t.role, Role::Trained | Role::Frozen));
            if let Some(t) = weights.filter(|t| t.shape.len() < 2) {
                return Err(unsupported(&t.name, "weights of one axis inside a product have no circuit yet"));
            }
        }
        Ok(())
    }

    /// A value at a point as terms of what is committed. `at` is the unit that asks.
    fn unfold(&mut self, graph: &Graph, at: &str, value: Value, [rows, last]: [Point; 2]) -> Result<Vec<Term>, PotError> {
        let node = match graph.node(value) {
            Some(n) if n.op.family() == Family::Form => n,
            _ => {
                let atom = Atom::Committed(Evaluation { value, rows, last });
                return Ok(vec![Term { coefficient: 1, shift: 0, repeats: vec![], atom }]);
            }
        };
        match &node.op {
            Op::Sum(sum) => self.sum(graph, at, (value, sum, &node.inputs), [rows, last]),
            Op::Matmul(m) if rows == Point::Tau || last == Point::Tau => {
                Err(unsupported(&node.name, format!("a product ({m:?}) of which another product is made: round it")))
            }
            Op::Matmul(m) => {
                let product = self.product(graph, &node.name, m, &node.inputs, [rows, last])?;
                self.products.push(product);
                let atom = Atom::Product(self.products.len() - 1);
                Ok(vec![Term { coefficient: 1, shift: 0, repeats: vec![], atom }])
            }
            op => Err(unsupported(&node.name, format!("{} has no circuit yet", op.name()))),
        }
    }

    fn sum(
        &mut self,
        graph: &Graph,
        at: &str,
        (value, sum, inputs): (Value, &Sum, &[Value]),
        [rows, last]: [Point; 2],
    ) -> Result<Vec<Term>, PotError> {
        if sum.reduce > 0 {
            return Err(unsupported(graph.name(value), "a sum over axes has no circuit yet"));
        }
        let out = graph.facts(value);
        let mut all = vec![];
        for (v, coefficient) in inputs.iter().zip(&sum.coefficients) {
            let facts = graph.facts(*v);
            // A scalar lies along the last axis too.
            if facts.shape.is_empty() && !out.shape.is_empty() {
                return Err(unsupported(graph.name(value), "a scalar that is repeated along a last axis has no circuit yet"));
            }
            let (period, count) = (matrix(facts).0, out.len() / facts.len());
            let repeat = (count > 1).then_some(Repeat { point: rows, period, count });
            for mut t in self.unfold(graph, at, *v, [rows, last])? {
                t.coefficient = t
                    .coefficient
                    .checked_mul(*coefficient)
                    .ok_or_else(|| unsupported(graph.name(value), "sums of sums with coefficients beyond 63 bits together"))?;
                t.shift += out.bits - facts.bits;
                t.repeats.extend(repeat);
                all.push(t);
            }
        }
        Ok(all)
    }

    /// Y = A B at (rows, last): u = A at the rows' point, v = B at the last axis's, with what they share left open: tau.
    fn product(&mut self, graph: &Graph, name: &str, m: &Matmul, inputs: &[Value], [rows, last]: [Point; 2]) -> Result<Product, PotError> {
        let [a, b] = [0, 1].map(|i| graph.facts(inputs[i]));
        // Of a batch, rows of A follow each other; nothing else of it is one matrix.
        if b.shape.len() > 2 || (a.shape.len() > 2 && m.transpose_a) {
            return Err(unsupported(name, "products of batches of matrices have no circuit yet"));
        }
        let length = if m.transpose_a { matrix(a).0 } else { matrix(a).1 };
        let side = |transposed: bool, point: Point, first: bool| match transposed != first {
            true => [point, Point::Tau],
            false => [Point::Tau, point],
        };
        let left = self.unfold(graph, name, inputs[0], side(m.transpose_a, rows, true))?;
        let right = self.unfold(graph, name, inputs[1], side(m.transpose_b, last, false))?;
        Ok(Product { length, sides: [left, right] })
    }

    /// Every evaluation that a claim or a product needs.
    pub fn evaluations(&self) -> impl Iterator<Item = Evaluation> + '_ {
        let sides = self.products.iter().flat_map(|p| &p.sides);
        self.claims.iter().map(|c| &c.terms).chain(sides).flatten().filter_map(|t| match t.atom {
            Atom::Committed(e) => Some(e),
            Atom::Product(_) => None,
        })
    }
}
