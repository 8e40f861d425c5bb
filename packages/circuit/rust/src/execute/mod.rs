//! The executor: every value of a graph, in integers or in doubles.

use crate::autodiff::Training;
use crate::graph::{Graph, Node};
use crate::limits::{CORRECTED_RATE_BITS, RATE_BITS, SECOND_MOMENT_BITS, WEIGHT_BITS};
use crate::number::Number;
use crate::ops::{Call, Lie, Loss, Output};
use crate::tensor::{Facts, Role, Tensor};
use pot_proof_system::error::PotError;
use std::ops::Range;

/// A rule of one node that is computed wrongly, at one entry, with everything downstream as it follows: for tests of circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    pub node: &'a str,
    /// One of the operator's rules.
    pub rule: &'a str,
    /// Entry of the node's output, modulo their number.
    pub entry: usize,
}

/// Everything that an execution gave.
#[derive(Clone, Debug)]
pub struct Run<N> {
    /// Of each value its entries, in row-major order.
    pub values: Vec<Vec<N>>,
    /// Of each node its unit's integers, by name.
    pub cells: Vec<Vec<(&'static str, Vec<N>)>>,
    /// Of each loss its node's number among the nodes and its value.
    pub losses: Vec<(usize, Loss)>,
}

/// Executes a graph on its tensors' entries, in the order of the tensors. Integers are `value * 2^bits`, doubles the values themselves.
///
/// Errors: `INPUT_SHAPE`, `DATA_RANGE`, `WEIGHT_RANGE`, `ETA_RANGE` (a tensor that does not fit its shape or role), `VALUE_RANGE`,
/// `WEIGHT_RANGE`, `DATA_LABELS` (with the `node`), `GRAPH_FAULT` (a fault of a node or rule that there is none of).
pub fn run<N: Number>(graph: &Graph, tensors: &[Vec<N>], fault: Option<&Fault>) -> Result<Run<N>, PotError> {
    run_owned(graph, tensors.to_vec(), fault)
}

/// The same on tensors that become the run's first values.
fn run_owned<N: Number>(graph: &Graph, tensors: Vec<Vec<N>>, fault: Option<&Fault>) -> Result<Run<N>, PotError> {
    check_tensors(graph, &tensors)?;
    check_fault(graph, fault)?;
    let mut run = Run { values: tensors, cells: vec![], losses: vec![] };
    for (i, node) in graph.nodes().iter().enumerate() {
        let lie = fault.filter(|f| f.node == node.name).map(|f| Lie { rule: f.rule, entry: f.entry });
        let (output, loss) = execute_node(graph, node, run.values.len(), &run.values, lie).map_err(|e| placed(e, &node.name))?;
        run.values.push(output.values);
        run.cells.push(output.cells);
        run.losses.extend(loss.map(|l| (i, l)));
    }
    Ok(run)
}

/// Weights alone, in the ranges that a genesis proof shows. Errors: `INPUT_SHAPE`, `WEIGHT_RANGE`.
pub(crate) fn first_weights(graph: &Graph, tensors: &[Vec<i128>]) -> Result<Run<i128>, PotError> {
    let run = run(graph, tensors, None)?;
    for (t, entries) in graph.tensors().iter().zip(tensors) {
        let most = 1i128 << graph.formats().genesis_bits(t.bits);
        check_entries(t, entries, -most..most, "WEIGHT_RANGE")?;
    }
    Ok(run)
}

fn execute_node<N: Number>(
    graph: &Graph,
    node: &Node,
    value: usize,
    values: &[Vec<N>],
    lie: Option<Lie>,
) -> Result<(Output<N>, Option<Loss>), PotError> {
    let inputs = node.inputs.iter().map(|v| values[*v].as_slice()).collect();
    let facts = node.inputs.iter().map(|v| graph.facts(*v)).collect();
    let call = Call { inputs, facts, out: graph.facts(value), formats: graph.formats(), lie };
    let output = node.op.execute(&call)?;
    Ok((output, node.op.loss(&call)))
}

/// The error with the node's name in its message and details.
fn placed(e: PotError, node: &str) -> PotError {
    PotError { message: format!("{node}: {}", e.message), ..e }.with("node", node)
}

fn check_fault(graph: &Graph, fault: Option<&Fault>) -> Result<(), PotError> {
    let Some(f) = fault else { return Ok(()) };
    match graph.nodes().iter().find(|n| n.name == f.node) {
        Some(n) if n.op.rules().contains(&f.rule) => Ok(()),
        Some(n) => Err(PotError::new("GRAPH_FAULT", format!("{} has no rule {:?}; it has {}", f.node, f.rule, n.op.rules().join(", ")))),
        None => Err(PotError::new("GRAPH_FAULT", format!("there is no node {:?}", f.node))),
    }
}

fn check_tensors<N: Number>(graph: &Graph, tensors: &[Vec<N>]) -> Result<(), PotError> {
    let wanted = graph.tensors();
    if tensors.len() != wanted.len() {
        return Err(PotError::new("INPUT_SHAPE", format!("{} tensors, expected {}", tensors.len(), wanted.len())));
    }
    tensors.iter().enumerate().try_for_each(|(i, entries)| check_tensor(graph, i, entries))
}

/// Entries of the tensor of this number. Errors: `INPUT_SHAPE`, `DATA_RANGE`, `WEIGHT_RANGE`, `ETA_RANGE`.
pub(crate) fn check_tensor<N: Number>(graph: &Graph, tensor: usize, entries: &[N]) -> Result<(), PotError> {
    let (t, facts): (&Tensor, &Facts) = (&graph.tensors()[tensor], graph.facts(tensor));
    if entries.len() != facts.len() {
        return Err(PotError::new("INPUT_SHAPE", format!("{}: {} values, expected {}", t.name, entries.len(), facts.len())));
    }
    if N::EXACT {
        check_range(graph, t, entries)?;
    }
    Ok(())
}

/// What the circuit can hold of a tensor. The message has no value: weights and data are secret.
fn check_range<N: Number>(graph: &Graph, t: &Tensor, entries: &[N]) -> Result<(), PotError> {
    let weights = |bits: u32| (1 - (1i128 << bits)..1i128 << bits, "WEIGHT_RANGE");
    let (range, code) = match t.role {
        Role::Data | Role::Label => {
            let offset = i128::from(t.offset);
            (-offset..(1i128 << graph.formats().limb_bits) - offset, "DATA_RANGE")
        }
        Role::Trained => weights(WEIGHT_BITS),
        Role::Frozen => weights(graph.formats().genesis_bits(t.bits)),
        Role::Rate => (1..1i128 << RATE_BITS, "ETA_RANGE"),
        Role::CorrectedRate => (0..1i128 << CORRECTED_RATE_BITS, "ETA_RANGE"),
        Role::Moment => {
            let limit = 1i128 << graph.formats().long_bits();
            (-limit..limit, "WEIGHT_RANGE")
        }
        Role::SecondMoment => (0..1i128 << SECOND_MOMENT_BITS, "WEIGHT_RANGE"),
    };
    check_entries(t, entries, range, code)
}

fn check_entries<N: Number>(t: &Tensor, entries: &[N], range: Range<i128>, code: &'static str) -> Result<(), PotError> {
    match entries.iter().position(|v| !range.contains(&v.stored())) {
        Some(i) => {
            let message = format!("{}: entry {i} must lie in {}..{} (integer units)", t.name, range.start, range.end);
            Err(PotError::new(code, message).with("index", i))
        }
        None => Ok(()),
    }
}

impl Training {
    /// All steps: `tensors` are all but the rate, so of one step of plain SGD those of the forward graph; what is trained moves, and so
    /// do states, unless a step fails. Errors: as [`run`].
    pub fn step<N: Number>(&self, tensors: &mut [Vec<N>], rate: N, fault: Option<&Fault>) -> Result<Run<N>, PotError> {
        self.steps(tensors, &[rate], fault)
    }

    /// The same with all the rates that there are. Errors: as [`run`].
    pub fn steps<N: Number>(&self, tensors: &mut [Vec<N>], rates: &[N], fault: Option<&Fault>) -> Result<Run<N>, PotError> {
        let inputs = tensors.iter().cloned().chain(rates.iter().map(|r| vec![*r])).collect();
        let run = run_owned(&self.graph, inputs, fault)?;
        let moved = self.updates.iter().map(|(tensor, next, _)| (tensor, next)).chain(self.states.iter().map(|(tensor, next)| (tensor, next)));
        for (tensor, next) in moved {
            tensors[*tensor].clone_from(&run.values[*next]);
        }
        Ok(run)
    }
}
