//! Gradients: a pass over a graph by each operator's vjp, which gives nodes of the same kinds.

use crate::error::{emitted, invalid};
use crate::graph::{Builder, Graph};
use crate::limits::MAX_INPUTS;
use crate::ops::{Emit, Sgd, Site, Sum, Value};
use crate::tensor::{Role, Tensor};
use pot_proof_system::error::PotError;

/// A graph with its gradients and updates.
#[derive(Clone, Debug)]
pub struct Training {
    /// The forward graph's nodes, then those of gradients and updates; one more tensor, the rate, behind its own.
    pub graph: Graph,
    /// For each trained tensor, in order: itself, its value after the step, and its gradient.
    pub updates: Vec<(Value, Value, Value)>,
}

/// The name of the rate's tensor.
pub const RATE: &str = "rate";

/// One step of plain SGD on the sum of a graph's losses: every trained tensor moves by the rate (of `rate_bits` fractional bits)
/// times its gradient, all with the weights before the step.
///
/// Errors, with the forward graph's tensor or node as `at`: `GRAPH_INVALID` (no loss, or losses of different factors; nothing that is
/// trained; a trained tensor that no loss depends on; a gradient that no operator gives or no limbs hold; with its gradients it is too
/// large), `GRAPH_BOUNDS`.
pub fn training(graph: &Graph, rate_bits: u32) -> Result<Training, PotError> {
    if let Some(n) = graph.nodes().iter().find(|n| n.op.emitted()) {
        return Err(invalid("noGradient", &n.name, "the graph has gradients, and gradients of gradients are not supported"));
    }
    if graph.tensors().iter().all(|t| t.role != Role::Trained) {
        return Err(invalid("noGradient", "", "nothing is trained"));
    }
    let rate = Tensor { name: RATE.into(), role: Role::Rate, shape: vec![], bits: rate_bits, offset: 0 };
    let mut builder = Builder::extend(graph, &[rate])?;
    let forward = builder.so_far().clone();
    let gradients = gradients(&forward, &mut builder)?;
    let rate = graph.tensors().len();
    let mut updates = vec![];
    for (value, t) in graph.tensors().iter().enumerate().filter(|(_, t)| t.role == Role::Trained) {
        let Some(gradient) = gradients[value] else {
            return Err(invalid("noGradient", &t.name, "it is trained, and no loss depends on it"));
        };
        let next = builder.emit(Sgd {}.into(), &[value, gradient, rate]).map_err(|e| emitted(e, "update", &t.name))?;
        updates.push((value, next, gradient));
    }
    let outputs: Vec<Value> = graph.outputs().iter().map(|v| v + 1).chain(updates.iter().map(|u| u.1)).collect();
    Ok(Training { graph: builder.finish(&outputs)?, updates })
}

/// For each value that a loss depends on, and that depends on a trained tensor, its gradient.
fn gradients(forward: &Graph, builder: &mut Builder) -> Result<Vec<Option<Value>>, PotError> {
    let tensors = forward.tensors().len();
    let mut trained: Vec<bool> = forward.tensors().iter().map(|t| t.role == Role::Trained).collect();
    forward.nodes().iter().for_each(|n| trained.push(n.inputs.iter().any(|v| trained[*v])));
    check_losses(forward, &trained)?;
    let mut parts: Vec<Vec<Value>> = vec![vec![]; trained.len()];
    for (i, node) in forward.nodes().iter().enumerate().rev() {
        let output = tensors + i;
        let gradient = match total(&parts[output], builder).map_err(|e| emitted(e, "gradient", &node.name))? {
            Some(_) if node.op.is_loss() => return Err(invalid("loss", &node.name, "another loss depends on what it gives, which is a gradient")),
            None if node.op.is_loss() => output,
            Some(gradient) => gradient,
            None => continue,
        };
        let wanted: Vec<bool> = node.inputs.iter().map(|v| trained[*v]).collect();
        if !wanted.contains(&true) {
            continue;
        }
        let site = Site { inputs: &node.inputs, output, gradient, wanted: &wanted };
        let back = node.op.vjp(&site, builder).map_err(|e| emitted(e, "gradient", &node.name))?;
        for ((v, g), wanted) in node.inputs.iter().zip(back).zip(wanted) {
            match g {
                Some(g) if wanted => parts[*v].push(g),
                None if wanted => return Err(invalid("noGradient", &node.name, "it gives no gradient of an input that depends on what is trained")),
                _ => {}
            }
        }
    }
    let all = parts[..tensors].iter().zip(forward.tensors());
    all.map(|(p, t)| total(p, builder).map_err(|e| emitted(e, "gradient", &t.name))).collect()
}

/// Refuses a graph without a loss, and one whose losses have different factors: each gives its gradient without its own, and the rate
/// takes in one for all. Fractional bits may differ: sums shift by them.
fn check_losses(forward: &Graph, trained: &[bool]) -> Result<(), PotError> {
    let tensors = forward.tensors().len();
    let mut first: Option<(&str, (u64, u64))> = None;
    let mut any = false;
    for (i, node) in forward.nodes().iter().enumerate() {
        let Some(factor) = node.op.factor(forward.facts(tensors + i)) else { continue };
        any = true;
        // One that nothing trained reaches has no gradient.
        if !trained[tensors + i] {
            continue;
        }
        let (name, (n, d)) = *first.get_or_insert((&node.name, factor));
        if u128::from(n) * u128::from(factor.1) != u128::from(d) * u128::from(factor.0) {
            let factors = format!("its gradient is {}/{} of what it gives, and that of {name} {n}/{d}", factor.0, factor.1);
            let rule = "the rate takes in one factor, so all losses have the same: 1 / rows, and 2 / entries of a squared error";
            return Err(invalid("loss", &node.name, format!("{factors}; {rule}")));
        }
    }
    match any {
        true => Ok(()),
        false => Err(invalid("loss", "", "there is no loss")),
    }
}

/// The sum of what the users of a value say: of sums, where they are more than a sum takes.
fn total(parts: &[Value], builder: &mut Builder) -> Result<Option<Value>, PotError> {
    let mut parts = parts.to_vec();
    while parts.len() > 1 {
        let sums = parts.chunks(MAX_INPUTS).map(|p| match p {
            [one] => Ok(*one),
            many => builder.emit(Sum::of(many.len()).into(), many),
        });
        parts = sums.collect::<Result<_, _>>()?;
    }
    Ok(parts.first().copied())
}
