//! What pins a tensor that moves, as it is before the step.

use super::{after_point, evaluations, matrix, Atom, Claims, Evaluation, Point, Product, Term};
use crate::error::unsupported;
use crate::graph::Graph;
use crate::ops::Value;
use pot_proof_system::error::PotError;

impl Claims {
    /// What a trained tensor or a state is before the step, where it is read beside what it is after it, is a free cell: something
    /// without omega must say what it is, and of it alone. That is the right vector of a product, or the claim of a unit, for a tensor
    /// of one axis and a state. A matrix that no product pins gets a vector of its own, beside none.
    pub(super) fn pin(&mut self, graph: &Graph) -> Result<(), PotError> {
        let moves = |v: Value| self.updates.iter().any(|u| u.0 == v);
        let only = |terms: &Vec<Term>| -> Option<Evaluation> {
            let mut of_weights = evaluations(terms).into_iter().filter(|e| moves(e.value));
            of_weights.next().filter(|_| of_weights.next().is_none())
        };
        let right: Vec<Evaluation> = self.products.iter().map(|p| &p.sides[1]).filter_map(only).collect();
        let inputs: Vec<Evaluation> = self.claims.iter().map(|c| &c.terms).filter_map(only).collect();
        let mut alone = vec![];
        for (weight, _) in &self.updates {
            let (facts, tensor) = (graph.facts(*weight), &graph.tensors()[*weight]);
            let at = Evaluation { value: *weight, rows: Point::Sigma, last: Point::Tau };
            let stated = || inputs.iter().any(|e| e.value == *weight && [e.rows, e.last] == after_point(tensor));
            match facts.shape.len() {
                0 | 1 if inputs.iter().any(|e| e.value == *weight && e.last == Point::Sigma) => {}
                0 | 1 => return Err(unsupported(graph.name(*weight), "a trained tensor of one axis that is no bias")),
                _ if tensor.role.is_state() && stated() => {}
                _ if tensor.role.is_state() => return Err(unsupported(graph.name(*weight), "a state that no unit's input is made of")),
                _ if right.contains(&at) => {}
                _ => alone.push(Product { length: matrix(facts).1, sides: [vec![], vec![Term::of(Atom::Committed(at))]] }),
            }
        }
        self.products.extend(alone);
        Ok(())
    }
}
