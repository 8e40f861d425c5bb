//! Graphs: checked when they are made, and as canonical JSON.

mod builder;
mod emitted;
mod json;
mod schema;

pub use builder::Builder;
pub use schema::schema;

use crate::bound::Bound;
use crate::cost::Cost;
use crate::ops::{Op, Value};
use crate::tensor::{Facts, Formats, Role, Tensor};

/// An operator at its place: what it is given are tensors and earlier nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub op: Op,
    pub inputs: Vec<Value>,
}

/// Tensors and nodes, each of which is used or an output. Made by [`Builder`] or [`Graph::from_json`], which give forward graphs, or of
/// one by [`training`](crate::autodiff::training), or are the weights of one: so every graph is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    formats: Formats,
    tensors: Vec<Tensor>,
    nodes: Vec<Node>,
    outputs: Vec<Value>,
    facts: Vec<Facts>,
    bounds: Vec<Bound>,
    cost: Cost,
}

impl Graph {
    pub fn formats(&self) -> &Formats {
        &self.formats
    }
    /// Tensor i is value i.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }
    /// Node i is value `tensors + i`; in an order in which they can be executed.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }
    pub fn outputs(&self) -> &[Value] {
        &self.outputs
    }
    /// Shape and fractional bits of a value.
    pub fn facts(&self, value: Value) -> &Facts {
        &self.facts[value]
    }
    /// Bound of a value.
    pub fn bound(&self, value: Value) -> Bound {
        self.bounds[value]
    }
    /// What an execution takes.
    pub fn cost(&self) -> Cost {
        self.cost
    }
    /// The node that gives a value, unless it is a tensor.
    pub fn node(&self, value: Value) -> Option<&Node> {
        value.checked_sub(self.tensors.len()).map(|i| &self.nodes[i])
    }
    pub fn name(&self, value: Value) -> &str {
        self.node(value).map_or_else(|| &self.tensors[value].name, |n| &n.name)
    }
    /// Its weights alone, in their order: of which nothing is computed.
    pub fn weights(&self) -> Self {
        let of: Vec<Value> = (0..self.tensors.len()).filter(|v| matches!(self.tensors[*v].role, Role::Trained | Role::Frozen)).collect();
        Self {
            formats: self.formats,
            tensors: of.iter().map(|v| self.tensors[*v].clone()).collect(),
            nodes: vec![],
            outputs: vec![],
            facts: of.iter().map(|v| self.facts[*v].clone()).collect(),
            bounds: of.iter().map(|v| self.bounds[*v]).collect(),
            cost: Cost::default(),
        }
    }
    /// The value of this name.
    pub fn value(&self, name: &str) -> Option<Value> {
        (0..self.facts.len()).find(|v| self.name(*v) == name)
    }
}
