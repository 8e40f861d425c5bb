//! Units: blocks of rows, several entries side by side in lanes. Units of one kind share selectors and gates.

use super::allocator::Allocator;
use super::Shape;
use crate::claims::{matrix, Claims, Point};
use crate::gadgets::run::{Run, Slot};
use crate::graph::Graph;
use crate::ops::unit::Number;
use crate::ops::{Op, Value};
use crate::tensor::Facts;
use pot_proof_system::error::PotError;

/// What an accumulator of a kind holds, at a point of the last axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    Input(usize, Point),
    Output(Point),
}

/// Units with the same gates: operator, fractional bits, and what is accumulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub op: Op,
    pub inputs: Vec<Facts>,
    pub numbers: Vec<Number>,
    pub held: Vec<Held>,
    /// Rows of a block.
    pub height: usize,
    /// Whether any of its runs has more blocks than one.
    pub long: bool,
}

/// The rows of one unit's output.
#[derive(Clone, Debug)]
pub struct UnitRuns {
    pub node: usize,
    pub value: Value,
    pub kind: usize,
    pub runs: Vec<Run>,
}

impl Kind {
    /// Limbs of a block's lane, in the order of the numbers.
    pub fn limbs(&self) -> usize {
        self.numbers.iter().map(|n| n.limbs).sum()
    }
    /// Cell of limb `limb` in lane `lane`: column by column.
    pub fn slot(&self, shape: &Shape, lane: usize, limb: usize) -> Slot {
        Slot { column: lane * shape.lane_columns + limb / self.height, row: limb % self.height }
    }
    /// Cell of accumulator `i`.
    pub fn accumulator(&self, i: usize) -> Slot {
        Slot { column: i / self.height, row: i % self.height }
    }
    /// Columns of accumulators.
    pub fn accumulator_columns(&self) -> usize {
        self.held.len().div_ceil(self.height)
    }
    /// Number of the accumulator.
    pub fn holds(&self, held: Held) -> usize {
        self.held.iter().position(|h| *h == held).expect("every evaluation that is wanted is held")
    }
    /// Facts with the shape left out: of entries only the bits matter.
    fn entry(facts: &Facts) -> Facts {
        Facts { shape: vec![], bits: facts.bits }
    }
}

/// Kinds and places of all units. Errors: `CIRCUIT_TOO_LARGE`.
pub(super) fn place(graph: &Graph, claims: &Claims, shape: &Shape, allocator: &mut Allocator) -> Result<(Vec<Kind>, Vec<UnitRuns>), PotError> {
    allocator.restart();
    let (mut kinds, mut units): (Vec<Kind>, Vec<UnitRuns>) = (vec![], vec![]);
    for (i, node) in graph.nodes().iter().enumerate() {
        let Some(unit) = node.op.unit() else { continue };
        let value = graph.tensors().len() + i;
        let inputs: Vec<Facts> = node.inputs.iter().map(|v| Kind::entry(graph.facts(*v))).collect();
        let numbers = unit.numbers(&inputs, graph.formats());
        let limbs: usize = numbers.iter().map(|n| n.limbs).sum();
        let held = held(graph, claims, value, node.inputs.len());
        let (rows, width) = matrix(graph.facts(value));
        let len = width.div_ceil(shape.lanes);
        let new = Kind { op: node.op.clone(), inputs, numbers, held, height: limbs.div_ceil(shape.lane_columns), long: false };
        let kind = kinds.iter().position(|k| Kind { long: false, ..k.clone() } == new).unwrap_or_else(|| {
            kinds.push(new);
            kinds.len() - 1
        });
        kinds[kind].long |= len > 1;
        let (height, exports) = (kinds[kind].height, kinds[kind].held.len());
        let runs = (0..rows).map(|_| allocator.run(len, height, exports)).collect::<Result<_, _>>()?;
        units.push(UnitRuns { node: i, value, kind, runs });
    }
    Ok((kinds, units))
}

/// A unit's inputs at sigma, and its output wherever it is evaluated; outputs of the graph at sigma.
fn held(graph: &Graph, claims: &Claims, value: Value, inputs: usize) -> Vec<Held> {
    let output = graph.outputs().contains(&value).then_some(Point::Sigma);
    let mut points: Vec<Point> = claims.evaluations().filter(|e| e.value == value).map(|e| e.last).chain(output).collect();
    points.sort_unstable();
    points.dedup();
    (0..inputs).map(|i| Held::Input(i, Point::Sigma)).chain(points.into_iter().map(Held::Output)).collect()
}
