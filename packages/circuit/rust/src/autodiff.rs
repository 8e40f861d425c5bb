//! Gradients: a pass over a graph by each operator's vjp, which gives nodes of the same kinds. Then the updates of an optimiser's rule.

mod update;

use crate::error::{emitted, invalid};
use crate::graph::{Builder, Graph};
use crate::limits::{MAX_INPUTS, MAX_VALUES};
use crate::ops::{Emit, Site, Sum, Value};
use crate::optimizer::Optimizer;
use crate::tensor::{Role, Tensor};
use pot_proof_system::error::PotError;

/// A graph with its gradients and updates.
#[derive(Clone, Debug)]
pub struct Training {
    /// The forward graph's nodes, then those of gradients and updates; then the same of each further step. Behind the forward graph's own
    /// tensors stand data and labels of further steps, then an optimiser's states, then the rates.
    pub graph: Graph,
    /// For each trained tensor, in order: itself, its value after the last step, and its gradient in that step.
    pub updates: Vec<(Value, Value, Value)>,
    /// For each state, all first ones before the second ones: itself, and its value after the last step.
    pub states: Vec<(Value, Value)>,
    /// The tensor of the rate, or one a step.
    pub rates: Vec<Value>,
}

/// The name of the rate's tensor.
pub const RATE: &str = "rate";

/// The name that a tensor of data, or a node, has in a step (from 0): its own in the first, then `x@1`, `x@2`.
pub fn step_name(name: &str, step: usize) -> String {
    match step {
        0 => name.into(),
        _ => format!("{name}@{step}"),
    }
}

/// One step of plain SGD on the sum of a graph's losses: every trained tensor moves by the rate (of `rate_bits` fractional bits)
/// times its factor and its gradient, all with the weights before the step.
///
/// Errors, with the forward graph's tensor or node as `at`: `GRAPH_INVALID` (no loss, or losses of different factors; nothing that is
/// trained; a trained tensor that no loss depends on; a gradient that no operator gives or no limbs hold; with its gradients it is too
/// large), `GRAPH_BOUNDS`.
pub fn training(graph: &Graph, rate_bits: u32) -> Result<Training, PotError> {
    window(graph, 1, rate_bits)
}

/// `steps` steps, each on data of its own, with the weights that the step before gives. Errors: as [`training`]; `GRAPH_INVALID` for
/// no step, or more than fit (`size`).
///
/// ```
/// use pot_circuit::{autodiff::window, graph::Graph};
///
/// let graph = Graph::from_json(concat!(
///     r#"{"version":1,"limbBits":12,"tableBits":12,"tensors":["#,
///     r#"{"name":"x","role":"data","shape":[1,1],"bits":8},{"name":"y","role":"label","shape":[1,1],"bits":8},"#,
///     r#"{"name":"w","role":"trained","shape":[1,1],"bits":36}],"nodes":["#,
///     r#"{"name":"raw","op":"matmul","inputs":["x","w"],"attributes":{"transposeA":false,"transposeB":true}},"#,
///     r#"{"name":"z","op":"round","inputs":["raw"],"attributes":{"bits":8,"gradientBits":14,"range":"half"}},"#,
///     r#"{"name":"loss","op":"mean_squared_error","inputs":["z","y"],"attributes":{"gradientBits":14}}],"outputs":["loss"]}"#
/// ))?;
/// let names: Vec<String> = window(&graph, 2, 14)?.graph.tensors().iter().map(|t| t.name.clone()).collect();
/// assert_eq!(names, ["x", "y", "w", "x@1", "y@1", "rate"]);
/// # Ok::<(), pot_proof_system::error::PotError>(())
/// ```
pub fn window(graph: &Graph, steps: usize, rate_bits: u32) -> Result<Training, PotError> {
    optimised(graph, steps, rate_bits, &Optimizer::default())
}

/// Steps by an optimiser's rule. Its states are tensors named `w@m` and `w@v` (for the trained tensor w), all `w@m` before the others;
/// where it corrects the rate there is one a step: `rate`, `rate@1`. Errors: as [`window`]; `GRAPH_INVALID` for factors that are none
/// (`optimizer`).
pub fn optimised(graph: &Graph, steps: usize, rate_bits: u32, optimizer: &Optimizer) -> Result<Training, PotError> {
    of_rule(graph, (steps, false), rate_bits, optimizer)
}

/// The same with a rate of its own for each step, whatever the rule. Errors: as [`optimised`].
pub fn scheduled(graph: &Graph, steps: usize, rate_bits: u32, optimizer: &Optimizer) -> Result<Training, PotError> {
    of_rule(graph, (steps, true), rate_bits, optimizer)
}

fn of_rule(graph: &Graph, (steps, each): (usize, bool), rate_bits: u32, optimizer: &Optimizer) -> Result<Training, PotError> {
    if let Some(n) = graph.nodes().iter().find(|n| n.op.emitted()) {
        return Err(invalid("noGradient", &n.name, "the graph has gradients, and gradients of gradients are not supported"));
    }
    optimizer.check(graph.formats())?;
    if optimizer.unit(graph.tensors()).is_none() {
        let rule = "factors of the rate whose roots are fractions with a common denominator of at most 2^20";
        return Err(invalid("optimizer", "", format!("a rule that divides by gradients takes {rule}")));
    }
    let trained = of_role(graph, &[Role::Trained]);
    if trained.is_empty() {
        return Err(invalid("noGradient", "", "nothing is trained"));
    }
    if !(1..MAX_VALUES).contains(&steps) {
        return Err(invalid("size", "", format!("{steps} steps: 1 to {}", MAX_VALUES - 1)));
    }
    let data = of_role(graph, &[Role::Data, Role::Label]);
    let of_step = |step: usize| data.iter().map(move |v| Tensor { name: step_name(&graph.tensors()[*v].name, step), ..graph.tensors()[*v].clone() });
    let states = update::states(graph, &trained, optimizer, rate_bits)?;
    let rates = update::rates(optimizer, (steps, each), rate_bits);
    let extra: Vec<Tensor> = (1..steps).flat_map(of_step).chain(states.iter().cloned()).chain(rates.iter().cloned()).collect();
    let mut builder = Builder::extend(graph, &extra)?;
    let (tensors, first) = (graph.tensors().len(), graph.tensors().len() + extra.len());
    let rates: Vec<Value> = (first - rates.len()..first).collect();
    let states: Vec<Value> = (rates[0] - states.len()..rates[0]).collect();

    // Where each value of the forward graph, and each state, is in the present step.
    let mut at: Vec<Value> = (0..tensors).chain((0..graph.nodes().len()).map(|i| first + i)).collect();
    let mut state_at = states.clone();
    let (mut updates, mut outputs) = (vec![], vec![]);
    for step in 0..steps {
        if step > 0 {
            data.iter().enumerate().for_each(|(i, v)| at[*v] = tensors + (step - 1) * data.len() + i);
            for (i, n) in graph.nodes().iter().enumerate() {
                let inputs: Vec<Value> = n.inputs.iter().map(|v| at[*v]).collect();
                at[tensors + i] = builder.node(&step_name(&n.name, step), n.op.clone(), &inputs)?;
            }
        }
        let gradients = gradients(graph, &at, &mut builder)?;
        outputs.extend(graph.outputs().iter().map(|v| at[*v]));
        let rate = *rates.get(step).unwrap_or(&rates[0]);
        let mut rule = update::Rule { optimizer, rate, rate_bits, builder: &mut builder };
        updates.clear();
        for (i, value) in trained.iter().enumerate() {
            let Tensor { name, rate_factor, .. } = &graph.tensors()[*value];
            let gradient = gradients[*value].ok_or_else(|| update::unreached(name))?;
            let of_it: Vec<usize> = (i..states.len()).step_by(trained.len()).collect();
            let before: Vec<Value> = of_it.iter().map(|s| state_at[*s]).collect();
            let (next, after) = rule.step((at[*value], *rate_factor), gradient, &before).map_err(|e| emitted(e, "update", name))?;
            of_it.iter().zip(after).for_each(|(s, v)| state_at[*s] = v);
            updates.push((*value, next, gradient));
        }
        updates.iter().for_each(|(value, next, _)| at[*value] = *next);
    }
    outputs.extend(updates.iter().map(|u| u.1).chain(state_at.iter().copied()));
    Ok(Training { graph: builder.finish(&outputs)?, updates, states: states.into_iter().zip(state_at).collect(), rates })
}

/// By which fraction the gradient of the mean loss is less than what gradients are made of: a rate takes it in. Errors: `GRAPH_INVALID`.
pub fn factor(forward: &Graph) -> Result<(u64, u64), PotError> {
    let found = check_losses(forward, &reached(forward))?;
    found.ok_or_else(|| invalid("noGradient", "", "no loss depends on anything that is trained"))
}

/// Values that are trained, or depend on what is.
fn reached(forward: &Graph) -> Vec<bool> {
    let mut trained: Vec<bool> = forward.tensors().iter().map(|t| t.role == Role::Trained).collect();
    forward.nodes().iter().for_each(|n| trained.push(n.inputs.iter().any(|v| trained[*v])));
    trained
}

fn of_role(graph: &Graph, roles: &[Role]) -> Vec<Value> {
    (0..graph.tensors().len()).filter(|v| roles.contains(&graph.tensors()[*v].role)).collect()
}

/// For each tensor that a loss depends on, and that is or depends on a trained one, its gradient in the step where values of the
/// forward graph are `at` these places.
fn gradients(forward: &Graph, at: &[Value], builder: &mut Builder) -> Result<Vec<Option<Value>>, PotError> {
    let tensors = forward.tensors().len();
    let trained = reached(forward);
    check_losses(forward, &trained)?;
    let mut parts: Vec<Vec<Value>> = vec![vec![]; trained.len()];
    for (i, node) in forward.nodes().iter().enumerate().rev() {
        let output = tensors + i;
        let gradient = match total(&parts[output], builder).map_err(|e| emitted(e, "gradient", &node.name))? {
            Some(_) if node.op.is_loss() => return Err(invalid("loss", &node.name, "another loss depends on what it gives, which is a gradient")),
            None if node.op.is_loss() => at[output],
            Some(gradient) => gradient,
            None => continue,
        };
        let wanted: Vec<bool> = node.inputs.iter().map(|v| trained[*v]).collect();
        if !wanted.contains(&true) {
            continue;
        }
        let inputs: Vec<Value> = node.inputs.iter().map(|v| at[*v]).collect();
        let site = Site { inputs: &inputs, output: at[output], gradient, wanted: &wanted };
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
/// takes in one for all. Fractional bits may differ: sums shift by them. The factor, where anything trained reaches a loss.
fn check_losses(forward: &Graph, trained: &[bool]) -> Result<Option<(u64, u64)>, PotError> {
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
            let rule = "the rate takes in one factor, so all losses have the same: 1 / rows of a softmax, 1 / entries, 2 of a squared error";
            return Err(invalid("loss", &node.name, format!("{factors}; {rule}")));
        }
    }
    match any {
        true => Ok(first.map(|f| f.1)),
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
