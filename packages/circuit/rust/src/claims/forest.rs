//! The trees of a graph: what a circuit reads of them.

use crate::error::unsupported;
use crate::graph::Graph;
use crate::ops::trees::{Grove, Trees};
use crate::ops::{Op, Value};
use crate::tensor::Role;
use pot_proof_system::error::PotError;
use std::sync::Arc;

/// Trees, the data that they ask, and the value that they give.
#[derive(Clone, Debug)]
pub struct Forest {
    pub trees: Arc<Trees>,
    pub grove: Arc<Grove>,
    pub node: usize,
    pub input: Value,
    pub value: Value,
}

/// That of a graph, where there is one. Errors: `GRAPH_UNSUPPORTED`: a second one, of what is no data, a threshold that is beyond
/// all that a cell of data can hold.
pub(super) fn forest(graph: &Graph) -> Result<Option<Forest>, PotError> {
    let mut found = None;
    for (node, n) in graph.nodes().iter().enumerate() {
        let Op::Trees(trees) = &n.op else { continue };
        if found.is_some() {
            return Err(unsupported(&n.name, "a second node of trees: one holds all trees of a circuit"));
        }
        let input = n.inputs[0];
        let Some(t) = graph.tensors().get(input).filter(|t| matches!(t.role, Role::Data | Role::Label)) else {
            return Err(unsupported(&n.name, "trees of what is no data have no circuit yet"));
        };
        let most = (1i64 << graph.formats().limb_bits) - 1;
        let beyond = |(i, v): &(usize, &i64)| !trees.is_leaf(*i) && !(-1..=most).contains(&(**v + t.offset));
        if let Some((i, v)) = trees.thresholds.iter().enumerate().find(beyond) {
            let range = format!("{} to {}", -1 - t.offset, most - t.offset);
            return Err(unsupported(&n.name, format!("node {i}: threshold {v}: data are compared with {range}")));
        }
        let grove = Arc::new(Grove::of(trees, t.offset, graph.formats()));
        found = Some(Forest { trees: Arc::new(trees.clone()), grove, node, input, value: graph.tensors().len() + node });
    }
    Ok(found)
}
