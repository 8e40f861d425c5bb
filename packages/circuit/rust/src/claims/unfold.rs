//! Forms, down to what is committed.

use super::{linear, matrix, weights, Atom, Claims, Evaluation, Point, Product, Repeat, Term};
use crate::error::unsupported;
use crate::graph::{Graph, Node};
use crate::ops::{Matmul, Op, Sgd, Sum, Value, View};
use pot_proof_system::error::PotError;

/// Most terms that forms are unfolded into, and most forms above each other: a short text can name each value many times.
const MAX_TERMS: usize = 1 << 17;
const MAX_DEPTH: usize = 256;

impl Claims {
    /// A value at a point as terms of what is committed.
    pub(super) fn unfold(&mut self, graph: &Graph, value: Value, at: [Point; 2]) -> Result<Vec<Term>, PotError> {
        if self.depth == MAX_DEPTH {
            return Err(unsupported(graph.name(value), format!("more than {MAX_DEPTH} forms above each other: round between them")));
        }
        self.depth += 1;
        let terms = self.unfolded(graph, value, at)?;
        self.depth -= 1;
        Ok(terms)
    }

    fn unfolded(&mut self, graph: &Graph, value: Value, [rows, last]: [Point; 2]) -> Result<Vec<Term>, PotError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(unsupported(graph.name(value), format!("forms that unfold into more than {MAX_TERMS} terms: round between them")));
        }
        if rows == Point::Each && weights(graph, value) {
            return Err(unsupported(graph.name(value), "weights in a product over their rows have no circuit yet"));
        }
        let Some(node) = graph.node(value).filter(|n| linear(&n.op)) else {
            return Ok(vec![Term::of(Atom::Committed(Evaluation { value, rows, last }))]);
        };
        match &node.op {
            Op::Sum(sum) => self.sum(graph, (value, sum, &node.inputs), [rows, last]),
            Op::Matmul(m) => self.matmul(graph, node, m, [rows, last]),
            Op::View(view) => self.view(graph, node, view, [rows, last]),
            Op::GivenGradient(_) => self.unfold(graph, node.inputs[1], [rows, last]),
            // 2^(d - a) (z - y)
            Op::MeanSquaredError(_) => {
                let shift = graph.facts(value).bits - graph.facts(node.inputs[0]).bits;
                let mut terms = self.unfold(graph, node.inputs[0], [rows, last])?;
                let labels = self.unfold(graph, node.inputs[1], [rows, last])?;
                terms.extend(labels.into_iter().map(|t| Term { coefficient: -t.coefficient, ..t }));
                terms.iter_mut().for_each(|t| t.shift += shift);
                Ok(terms)
            }
            Op::Momentum(_) => {
                let mut terms = self.unfold(graph, node.inputs[0], [rows, last])?;
                terms.extend(self.unfold(graph, node.inputs[1], [rows, last])?);
                Ok(terms)
            }
            Op::Sgd(sgd) => {
                // A tensor of one axis has one row, wherever.
                let rows = if graph.facts(value).shape.len() < 2 { Point::One } else { rows };
                let e = Evaluation { value, rows, last };
                if !self.moved.contains_key(&e) {
                    let terms = self.moves(graph, node, sgd, [rows, last])?;
                    self.moved.insert(e, terms);
                }
                Ok(vec![Term::of(Atom::Moved(e))])
            }
            _ => Err(no_circuit(node)),
        }
    }

    /// `w - 2^s factor rate g`, less what decays.
    fn moves(&mut self, graph: &Graph, node: &Node, sgd: &Sgd, at: [Point; 2]) -> Result<Vec<Term>, PotError> {
        let bits = |i: usize| graph.facts(node.inputs[i]).bits;
        let shift = bits(0) - bits(1) - bits(2);
        let rate = self.rates.iter().position(|r| *r == node.inputs[2]).expect("a rate of the training");
        let mut terms = self.unfold(graph, node.inputs[0], at)?;
        for t in self.unfold(graph, node.inputs[1], at)? {
            // What a rate or a weight before the step is a factor of would not be linear in what moves.
            if t.rate.is_some() || matches!(t.atom, Atom::Moved(_)) {
                return Err(unsupported(&node.name, "a gradient that has weights as a term"));
            }
            terms.push(Term { coefficient: -t.coefficient, shift: t.shift + shift, rate: Some((rate, sgd.rate_factor)), ..t });
        }
        if let Some(decayed) = node.inputs.get(3) {
            terms.extend(self.unfold(graph, *decayed, at)?.into_iter().map(|t| Term { coefficient: -t.coefficient, ..t }));
        }
        Ok(terms)
    }

    fn sum(&mut self, graph: &Graph, (value, sum, inputs): (Value, &Sum, &[Value]), [rows, last]: [Point; 2]) -> Result<Vec<Term>, PotError> {
        let out = graph.facts(value);
        // Of a sum over all rows each counts once; its own rows are one.
        let rows = match sum.reduce {
            0 => rows,
            _ if out.shape.len() == 1 => Point::One,
            _ => return Err(unsupported(graph.name(value), "a sum over axes that leaves rows has no circuit yet")),
        };
        let len = inputs.iter().map(|v| graph.facts(*v).len()).max().unwrap_or(1);
        let mut all = vec![];
        for (v, coefficient) in inputs.iter().zip(&sum.coefficients) {
            let facts = graph.facts(*v);
            // A scalar lies along the last axis too.
            if facts.shape.is_empty() && !out.shape.is_empty() {
                return Err(unsupported(graph.name(value), "a scalar that is repeated along a last axis has no circuit yet"));
            }
            let (period, count) = (matrix(facts).0, len / facts.len());
            if count > 1 && rows == Point::Each {
                return Err(unsupported(graph.name(value), "a value that is repeated along rows, in a product over rows"));
            }
            let repeat = (count > 1).then_some(Repeat { point: rows, period, count });
            for mut t in self.unfold(graph, *v, [rows, last])? {
                let product = t.coefficient.checked_mul(*coefficient);
                t.coefficient = product.ok_or_else(|| unsupported(graph.name(value), "coefficients of sums beyond 63 bits together"))?;
                t.shift += out.bits - facts.bits;
                t.repeats.extend(repeat);
                all.push(t);
            }
        }
        Ok(all)
    }

    /// One entry of each row: the product of the rows and the vector that has a 1 there alone.
    fn view(&mut self, graph: &Graph, node: &Node, view: &View, [rows, last]: [Point; 2]) -> Result<Vec<Term>, PotError> {
        let (of, (_, width)) = (node.inputs[0], matrix(graph.facts(node.inputs[0])));
        let along_last = |axis: usize| axis + 1 == graph.facts(of).shape.len();
        let View::Slice { axis, length: 1, start } = *view else { return Err(no_circuit(node)) };
        if !along_last(axis) {
            return Err(no_circuit(node));
        }
        require_final(node, [rows, last])?;
        let left = self.unfold(graph, of, [rows, Point::Tau])?;
        self.products.push(Product { length: width, sides: [left, vec![Term::of(Atom::One(start))]] });
        Ok(vec![Term::of(Atom::Product(self.products.len() - 1))])
    }

    fn matmul(&mut self, graph: &Graph, node: &Node, m: &Matmul, [rows, last]: [Point; 2]) -> Result<Vec<Term>, PotError> {
        let [a, b] = [0, 1].map(|i| graph.facts(node.inputs[i]));
        // Of a batch, rows of A follow each other; nothing else of it is one matrix.
        if b.shape.len() > 2 || (a.shape.len() > 2 && m.transpose_a) {
            return Err(unsupported(&node.name, "products of batches of matrices have no circuit yet"));
        }
        // Rows are what both sides share, and those of activations are exported one by one.
        if m.transpose_a && !m.transpose_b && rows != Point::Each && !node.inputs.iter().any(|v| weights(graph, *v)) {
            let left = self.unfold(graph, node.inputs[0], [Point::Each, rows])?;
            let right = self.unfold(graph, node.inputs[1], [Point::Each, last])?;
            return Ok(vec![Term::of(Atom::Rows([left, right]))]);
        }
        require_final(node, [rows, last])?;
        let length = if m.transpose_a { matrix(a).0 } else { matrix(a).1 };
        // What both sides share is left open: tau.
        let side = |transposed: bool, point: Point, first: bool| match transposed != first {
            true => [point, Point::Tau],
            false => [Point::Tau, point],
        };
        let left = self.unfold(graph, node.inputs[0], side(m.transpose_a, rows, true))?;
        let right = self.unfold(graph, node.inputs[1], side(m.transpose_b, last, false))?;
        self.products.push(Product { length, sides: [left, right] });
        Ok(vec![Term::of(Atom::Product(self.products.len() - 1))])
    }
}

fn no_circuit(node: &Node) -> PotError {
    unsupported(&node.name, format!("{} has no circuit yet", node.op.name()))
}

/// That a product is wanted at a point which is drawn before vectors are.
fn require_final(node: &Node, at: [Point; 2]) -> Result<(), PotError> {
    match at.iter().all(|p| matches!(p, Point::Sigma | Point::Rho)) {
        true => Ok(()),
        false => Err(unsupported(&node.name, "a product of which another product is made: round it")),
    }
}
