//! For how many exports there is room where weights lie: the same for all that is claimed of a forward graph.

use crate::graph::Graph;
use crate::ops::{Op, Value};
use crate::tensor::Role;
use std::collections::BTreeMap;

/// Where some weights are frozen and others move, one makes way for the other: each tensor has room for as many exports as steps of
/// training have. That is two where a product has it beside something that depends on what is trained, since such a factor is in the
/// gradient too, at a point of its own; else one. What is trained may decay, and has room for one more. Where all are of one role, there
/// is room for any number.
pub(super) fn room(graph: &Graph) -> BTreeMap<Value, usize> {
    let tensors = graph.tensors();
    let has = |role: Role| tensors.iter().any(|t| t.role == role);
    if !has(Role::Trained) || !has(Role::Frozen) {
        return BTreeMap::new();
    }
    let mut depends: Vec<bool> = tensors.iter().map(|t| t.role == Role::Trained).collect();
    graph.nodes().iter().for_each(|n| depends.push(n.inputs.iter().any(|v| depends[*v])));
    let least = |v: Value| 1 + usize::from(tensors.get(v).is_some_and(|t| t.role == Role::Trained));
    let mut room: BTreeMap<Value, usize> = (0..tensors.len()).map(|v| (v, least(v))).collect();
    for node in graph.nodes().iter().filter(|n| matches!(n.op, Op::Matmul(_))) {
        for (side, other) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
            if depends[other] {
                room.entry(side).and_modify(|n| *n = least(side) + 1);
            }
        }
    }
    room
}

/// The same by the numbers that tensors have among the weights alone.
pub(super) fn room_of_weights(graph: &Graph) -> BTreeMap<Value, usize> {
    let room = room(graph);
    let weights = (0..graph.tensors().len()).filter(|v| matches!(graph.tensors()[*v].role, Role::Trained | Role::Frozen));
    weights.enumerate().filter_map(|(i, v)| Some((i, *room.get(&v)?))).collect()
}
