//! What is shown of scores in their place: a predicate of each row, or counts of all of them, and nothing else (docs/operators/predicates.md).

use crate::error::invalid;
use crate::graph::{Builder, Graph};
use crate::ops::round::Range;
use crate::ops::{ArgMax, Compare, Emit, Matmul, Op, Round, Value, View};
use crate::tensor::Role;
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// Of each row of scores, or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Predicate {
    /// Which score is the largest, the first of equal ones: a 1 in its place, and 0 in the others.
    Argmax {},
    /// Whether it is this one.
    Class { class: usize },
    /// Whether the score of this number is at least and at most so much: integers of the scores' fractional bits.
    Threshold {
        output: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        least: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<i64>,
    },
    /// Of how many rows label i is the largest of the labels, and score j of the scores: entry (i, j).
    Confusion {},
}

impl Predicate {
    /// Whether it is about labels too.
    pub fn of_labels(&self) -> bool {
        matches!(self, Self::Confusion {})
    }
}

/// What predicates are about: scores, and labels where one is about these too.
#[derive(Clone, Copy)]
pub struct Rows {
    pub scores: Value,
    pub labels: Option<Value>,
}

/// Puts predicates behind the scores, and gives what they say, in the order of the nodes. Nodes and names follow from the predicates: so
/// they do from [`said`] of each output, in its place.
///
/// Errors: `GRAPH_INVALID` (no such class or output, limits that are none, one predicate twice), `GRAPH_BOUNDS`.
pub fn reveal(builder: &mut Builder, rows: Rows, predicates: &[Predicate]) -> Result<Vec<Value>, PotError> {
    let mut thresholds = 0;
    let outputs = predicates.iter().map(|p| node(builder, rows, &mut thresholds, *p));
    let mut outputs = outputs.collect::<Result<Vec<_>, _>>()?;
    outputs.sort_unstable();
    Ok(outputs)
}

fn node(builder: &mut Builder, rows: Rows, thresholds: &mut usize, predicate: Predicate) -> Result<Value, PotError> {
    let scores = rows.scores;
    match predicate {
        Predicate::Argmax {} => once(builder, "argmax", ArgMax {}, scores),
        Predicate::Class { class } => {
            let choice = once(builder, "argmax", ArgMax {}, scores)?;
            let here = column(builder, &format!("argmax:{class}"), choice, class)?;
            builder.node(&format!("class:{class}"), CHOSEN.into(), &[here])
        }
        Predicate::Threshold { output, least, most } => {
            let score = column(builder, &format!("score:{output}"), scores, output)?;
            let name = format!("threshold:{thresholds}");
            *thresholds += 1;
            builder.node(&name, Compare { least, most }.into(), &[score])
        }
        Predicate::Confusion {} => {
            let choice = once(builder, "argmax", ArgMax {}, scores)?;
            let labels = rows.labels.ok_or_else(|| invalid("inputs", "confusion", "there are no labels to compare with"))?;
            let label = once(builder, "label", ArgMax {}, labels)?;
            let pairs = builder.node("pairs", PAIRS.into(), &[label, choice])?;
            builder.node("confusion", COUNTED.into(), &[pairs])
        }
    }
}

/// What says of a choice's entry that it is 1.
const CHOSEN: Compare = Compare { least: Some(1), most: None };

/// Sums over rows of products of choices: of each pair how often it is chosen.
const PAIRS: Matmul = Matmul { transpose_a: true, transpose_b: false };
/// Counts are integers already: nothing is rounded away.
const COUNTED: Round = Round { bits: 0, gradient_bits: 0, range: Range::Half };

/// The node of this name, made where there is none yet.
fn once(builder: &mut Builder, name: &str, op: impl Into<Op>, of: Value) -> Result<Value, PotError> {
    match builder.value(name) {
        Some(value) => Ok(value),
        None => builder.node(name, op.into(), &[of]),
    }
}

fn column(builder: &mut Builder, name: &str, of: Value, start: usize) -> Result<Value, PotError> {
    let axis = builder.facts(of).shape.len().saturating_sub(1);
    once(builder, name, View::Slice { axis, length: 1, start }, of)
}

/// The predicate that an output is, and of which value; none where it is no predicate. It follows from operators, not from names.
pub fn said(graph: &Graph, output: Value) -> Option<(Value, Predicate)> {
    let node = graph.node(output)?;
    match &node.op {
        Op::ArgMax(_) => Some((node.inputs[0], Predicate::Argmax {})),
        Op::Compare(compare) => {
            let (of, place) = entry(graph, node.inputs[0])?;
            match graph.node(of).filter(|n| matches!(n.op, Op::ArgMax(_))) {
                Some(choice) => (*compare == CHOSEN).then(|| (choice.inputs[0], Predicate::Class { class: place })),
                None => Some((of, Predicate::Threshold { output: place, least: compare.least, most: compare.most })),
            }
        }
        Op::Round(counted) if *counted == COUNTED => {
            let pairs = graph.node(node.inputs[0]).filter(|n| n.op == PAIRS.into())?;
            let [labels, scores] = [0, 1].map(|i| graph.node(pairs.inputs[i]).filter(|n| matches!(n.op, Op::ArgMax(_))).map(|n| n.inputs[0]));
            let is_label = graph.tensors().get(labels?).is_some_and(|t| t.role == Role::Label);
            is_label.then_some((scores?, Predicate::Confusion {}))
        }
        _ => None,
    }
}

/// Of which value one entry of each row is taken, and which.
fn entry(graph: &Graph, value: Value) -> Option<(Value, usize)> {
    let node = graph.node(value)?;
    let Op::View(View::Slice { axis, length: 1, start }) = node.op else { return None };
    let of = node.inputs[0];
    (axis + 1 == graph.facts(of).shape.len()).then_some((of, start))
}
