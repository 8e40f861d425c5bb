//! How graphs are made: piece by piece, each checked at once.

use super::{emitted, Graph, Node};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::error::invalid;
use crate::limits::*;
use crate::ops::{Emit, Op, Value};
use crate::tensor::{Facts, Formats, Role, Tensor};
use pot_proof_system::error::PotError;
use std::collections::HashMap;

/// A graph that grows: a forward one. Tensors come first, then nodes. What was refused leaves it as it was.
pub struct Builder {
    graph: Graph,
    names: HashMap<String, Value>,
    /// Whether it takes the roles and operators that gradients and updates alone have.
    training: bool,
    /// Of the next node without a name.
    number: usize,
}

impl Builder {
    /// Refuses limb bits beyond 4 to 16 and table bits beyond 4 to these. Errors: `GRAPH_INVALID`.
    pub fn new(formats: Formats) -> Result<Self, PotError> {
        let Formats { limb_bits: b, table_bits: p } = formats;
        if !LIMB_BITS.contains(&b) || !(MIN_TABLE_BITS..=b).contains(&p) {
            return Err(invalid("formats", "", format!("limbBits {b} and tableBits {p}: limbs have 4 to 16 bits, tables 4 to as many")));
        }
        let graph = Graph { formats, tensors: vec![], nodes: vec![], outputs: vec![], facts: vec![], bounds: vec![], cost: Cost::default() };
        Ok(Self { graph, names: HashMap::new(), training: false, number: 0 })
    }

    /// One that goes on from a graph with gradients and updates. Its outputs are forgotten; `extra` tensors are put behind its own,
    /// which moves its nodes up.
    ///
    /// Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`.
    pub(crate) fn extend(graph: &Graph, extra: &[Tensor]) -> Result<Self, PotError> {
        let mut me = Self { training: true, ..Self::new(graph.formats)? };
        graph.tensors.iter().chain(extra).try_for_each(|t| me.tensor(t.clone()).map(drop))?;
        for n in &graph.nodes {
            let moved = |v: &Value| if *v < graph.tensors.len() { *v } else { v + extra.len() };
            me.node(&n.name, n.op.clone(), &n.inputs.iter().map(moved).collect::<Vec<_>>())?;
        }
        Ok(me)
    }

    pub fn formats(&self) -> &Formats {
        &self.graph.formats
    }
    pub(crate) fn name(&self, value: Value) -> &str {
        self.graph.name(value)
    }
    /// The value of this name.
    pub fn value(&self, name: &str) -> Option<Value> {
        self.names.get(name).copied()
    }

    /// A tensor. Errors: `GRAPH_INVALID` (name, role, shape, bits, offset; behind a node).
    pub fn tensor(&mut self, t: Tensor) -> Result<Value, PotError> {
        self.check_name(&t.name)?;
        let wrong = |m: String| Err(invalid("tensor", &t.name, m));
        if !self.graph.nodes.is_empty() {
            return wrong("tensors come before nodes".into());
        }
        if t.role.emitted() && !self.training {
            return wrong("rates and states of an optimiser come with the gradients: a forward graph has none".into());
        }
        let b = self.graph.formats.limb_bits;
        let facts = Facts::new(t.shape.clone(), t.bits).map_err(|m| invalid("shape", &t.name, m))?;
        let weights = matches!(t.role, Role::Trained | Role::Frozen);
        let genesis = self.graph.formats.genesis_bits(t.bits);
        if weights && genesis >= 60 {
            return wrong(format!("{} fractional bits leave no room for a weight's range proof in limbs of {b}: {genesis} bits, 59 fit", t.bits));
        }
        let most = if t.role == Role::CorrectedRate { MAX_CORRECTED_BITS } else { MAX_RATE_BITS };
        if t.role.is_rate() && (!t.shape.is_empty() || t.bits > most) {
            return wrong(format!("a rate is a scalar of at most {most} fractional bits"));
        }
        let offset = if matches!(t.role, Role::Data | Role::Label) { 0..1i64 << b } else { 0..1 };
        if !offset.contains(&t.offset) {
            return wrong(format!("offset {}: 0 to {}", t.offset, offset.end - 1));
        }
        let factor = t.rate_factor;
        if !factor.is_valid() || (t.role != Role::Trained && !factor.is_one()) {
            let [n, d]: [u64; 2] = factor.into();
            let rule = format!("a trained tensor's, in lowest terms, each part 1 to {MAX_RATE_FACTOR}");
            return wrong(format!("rateFactor {n}/{d}: {rule}"));
        }
        let bound = match t.role {
            Role::Data | Role::Label => Bound::of(b),
            Role::Trained => Bound { executed: WEIGHT_BITS, proven: PROVEN_WEIGHT_BITS },
            Role::Frozen => Bound::of(genesis),
            Role::Rate => Bound::of(RATE_BITS),
            Role::CorrectedRate => Bound::of(CORRECTED_RATE_BITS),
            Role::Moment => Bound { executed: self.graph.formats.long_bits(), proven: PROVEN_STATE_BITS },
            Role::SecondMoment => Bound { executed: SECOND_MOMENT_BITS, proven: PROVEN_STATE_BITS },
        };
        let cost = Cost { held: facts.len() as u64, work: 0 };
        let value = self.push(&t.name, facts, bound, cost)?;
        self.graph.tensors.push(t);
        Ok(value)
    }

    /// A node. Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`.
    pub fn node(&mut self, name: &str, op: Op, inputs: &[Value]) -> Result<Value, PotError> {
        self.check_name(name)?;
        if op.emitted() && !self.training {
            return Err(invalid("operator", name, format!("{} comes with the gradients: a forward graph has none", op.name())));
        }
        let (least, most) = op.inputs();
        if !(least..=most).contains(&inputs.len()) {
            return Err(invalid("inputs", name, format!("{} inputs of {}: {least} to {most}", inputs.len(), op.name())));
        }
        if let Some(v) = inputs.iter().find(|v| **v >= self.graph.facts.len()) {
            return Err(invalid("dangling", name, format!("there is no value {v} yet")));
        }
        emitted::check(&self.graph, &op, inputs).map_err(|m| invalid("operator", name, m))?;
        let facts: Vec<&Facts> = inputs.iter().map(|v| &self.graph.facts[*v]).collect();
        let bounds: Vec<Bound> = inputs.iter().map(|v| self.graph.bounds[*v]).collect();
        let out = op.infer(&facts, &self.graph.formats).map_err(|m| invalid("shape", name, m))?;
        let bound = op.bound(&bounds, &facts, &self.graph.formats).and_then(fitting).map_err(|e| refusal(name, &e))?;
        let cost = op.cost(&facts, &out, &self.graph.formats);
        let value = self.push(name, out, bound, cost)?;
        self.graph.nodes.push(Node { name: name.into(), op, inputs: inputs.to_vec() });
        Ok(value)
    }

    /// Refuses what is no name, or one that there is. Steps of training add their number to names: `x@1`. Errors: `GRAPH_INVALID`.
    pub(super) fn check_name(&self, name: &str) -> Result<(), PotError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_.:/-".contains(c) || (self.training && c == '@');
        let longest = MAX_NAME + if self.training { MAX_STEP_NAME } else { 0 };
        if name.is_empty() || name.len() > longest || !name.chars().all(plain) {
            return Err(invalid("name", "", format!("{:?} is no name: 1 to {MAX_NAME} letters, digits and _ . : / -", clipped(name))));
        }
        if self.names.contains_key(name) {
            return Err(invalid("duplicate", name, "there are two of this name"));
        }
        Ok(())
    }

    fn push(&mut self, name: &str, facts: Facts, bound: Bound, cost: Cost) -> Result<Value, PotError> {
        let value = self.graph.facts.len();
        let most = if self.training { MAX_TRAINING_VALUES } else { MAX_VALUES };
        if value == most {
            return Err(invalid("size", name, format!("more than {most} tensors and nodes")));
        }
        let total = self.graph.cost.plus(cost);
        if total.held > MAX_TOTAL {
            let held = format!("with it an execution holds {} integers: entries of values and cells of units", total.held);
            return Err(invalid("size", name, format!("{held}, at most {MAX_TOTAL}")));
        }
        if total.work > MAX_WORK {
            return Err(invalid("size", name, format!("with it an execution takes {} multiplications, at most {MAX_WORK}", total.work)));
        }
        self.names.insert(name.into(), value);
        self.graph.cost = total;
        self.graph.facts.push(facts);
        self.graph.bounds.push(bound);
        Ok(value)
    }

    /// The graph. Errors: `GRAPH_INVALID` (outputs that are tensors, doubled or none; tensors and nodes that nothing uses).
    pub fn finish(mut self, outputs: &[Value]) -> Result<Graph, PotError> {
        let mut used = vec![false; self.graph.facts.len()];
        for v in outputs {
            match used.get_mut(*v) {
                Some(u) if !*u && *v >= self.graph.tensors.len() => *u = true,
                _ => {
                    let name = if *v < used.len() { self.graph.name(*v) } else { "" };
                    return Err(invalid("output", name, "an output is a node, and is named once"));
                }
            }
        }
        if outputs.is_empty() {
            return Err(invalid("output", "", "there are no outputs"));
        }
        self.graph.nodes.iter().flat_map(|n| &n.inputs).for_each(|v| used[*v] = true);
        if let Some(v) = used.iter().position(|u| !u) {
            return Err(invalid("unused", self.graph.name(v), "nothing uses it, and it is no output"));
        }
        self.graph.outputs = outputs.to_vec();
        Ok(self.graph)
    }
}

impl Emit for Builder {
    fn facts(&self, value: Value) -> &Facts {
        &self.graph.facts[value]
    }
    fn emit(&mut self, op: Op, inputs: &[Value]) -> Result<Value, PotError> {
        loop {
            let name = format!("{}:{}", op.name(), self.number);
            self.number += 1;
            if !self.names.contains_key(&name) {
                return self.node(&name, op, inputs);
            }
        }
    }
}

/// What the executor's integers and the field can hold.
fn fitting(bound: Bound) -> Result<Bound, Excess> {
    if bound.proven > FIELD_BITS {
        return Err(Excess { what: "a value of a proof that verifies", bits: bound.proven, most: FIELD_BITS });
    }
    if bound.executed > EXECUTED_BITS {
        return Err(Excess { what: "a value of the executor", bits: bound.executed, most: EXECUTED_BITS });
    }
    Ok(bound)
}

fn refusal(node: &str, e: &Excess) -> PotError {
    let Excess { what, bits, most } = e;
    let message = format!("graph: {node}: {what} needs {bits} bits, {most} fit: round an input by {} bits more, or sum less", bits - most);
    PotError::new("GRAPH_BOUNDS", message).with("at", node).with("bits", *bits).with("most", *most)
}

/// The beginning of a text from outside, for a message.
pub(super) fn clipped(text: &str) -> String {
    text.chars().take(MAX_NAME).collect()
}
