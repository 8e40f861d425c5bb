//! Units: blocks of rows, several entries side by side in lanes. Units of one kind share selectors and gates.
//!
//! A unit that shares the output of another, as a gradient does with its rounding, lies in that one's block.

use super::allocator::Allocator;
use super::Shape;
use crate::claims::{matrix, Claims, Point};
use crate::error::unsupported;
use crate::gadgets::algebra::{recompose, Algebra};
use crate::gadgets::run::{Run, Slot};
use crate::graph::Graph;
use crate::ops::unit::{Number, Relation};
use crate::ops::{Op, Value};
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;

/// What an accumulator of a kind holds, at a point of the last axis: of the member of this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    Input(usize, usize, Point),
    Output(usize, Point),
}

/// A unit of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub op: Op,
    /// Of entries: without a shape.
    pub inputs: Vec<Facts>,
    pub numbers: Vec<Number>,
}

/// Units with the same gates: operators, fractional bits, and what is accumulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub members: Vec<Member>,
    pub held: Vec<Held>,
    /// Rows of a block.
    pub height: usize,
    /// Whether any of its runs has more blocks than one.
    pub long: bool,
}

/// The rows of the units of a block, a run each; the first unit's output, then those that share it.
#[derive(Clone, Debug)]
pub struct UnitRuns {
    pub nodes: Vec<usize>,
    pub values: Vec<Value>,
    pub kind: usize,
    pub runs: Vec<Run>,
}

impl Kind {
    pub fn numbers(&self) -> impl Iterator<Item = &Number> {
        self.members.iter().flat_map(|m| &m.numbers)
    }
    /// Limbs of a block's lane, in the order of the numbers.
    pub fn limbs(&self) -> usize {
        self.numbers().map(|n| n.limbs).sum()
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

    /// What each member's numbers say, from the limbs of a lane.
    pub fn relations<A: Algebra>(&self, mut limb: impl FnMut(usize) -> A, formats: &Formats) -> Vec<Relation<A>> {
        let mut out: Vec<Relation<A>> = vec![];
        let mut at = 0;
        for m in &self.members {
            let mut number = |n: &Number| {
                let limbs = (at..at + n.limbs).map(&mut limb).collect();
                at += n.limbs;
                recompose(formats.limb_bits, limbs)
            };
            let numbers: Vec<A> = m.numbers.iter().map(&mut number).collect();
            let relation = m.op.relation(&numbers, &m.inputs, formats, out.first());
            out.push(relation);
        }
        out
    }
}

impl Held {
    pub fn point(&self) -> Point {
        match self {
            Self::Input(_, _, p) | Self::Output(_, p) => *p,
        }
    }
    /// What it holds of an entry.
    pub fn of<A: Algebra>(&self, relations: &[Relation<A>]) -> A {
        match self {
            Self::Input(member, i, _) => relations[*member].inputs[*i].clone(),
            Self::Output(member, _) => relations[*member].output.clone(),
        }
    }
}

/// Nodes of each block: a unit, and those that share its output.
fn blocks(graph: &Graph) -> Result<Vec<Vec<usize>>, PotError> {
    let tensors = graph.tensors().len();
    let mut out: Vec<Vec<usize>> = vec![];
    for (i, node) in graph.nodes().iter().enumerate() {
        let Some(unit) = node.op.unit() else { continue };
        let Some(shared) = (0..node.inputs.len()).find(|i| unit.shares(*i)) else {
            out.push(vec![i]);
            continue;
        };
        let host = node.inputs[shared].checked_sub(tensors).and_then(|h| out.iter_mut().find(|b| b[0] == h));
        host.ok_or_else(|| unsupported(&node.name, "it belongs to a unit, and its input is none"))?.push(i);
    }
    Ok(out)
}

/// Kinds and places of all units. Errors: `CIRCUIT_TOO_LARGE`, `GRAPH_UNSUPPORTED`.
pub(super) fn place(graph: &Graph, claims: &Claims, shape: &Shape, allocator: &mut Allocator) -> Result<(Vec<Kind>, Vec<UnitRuns>), PotError> {
    allocator.restart();
    let blocks = blocks(graph)?;
    let values = |nodes: &[usize]| -> Vec<Value> { nodes.iter().map(|i| graph.tensors().len() + i).collect() };
    let mut kinds: Vec<Kind> = vec![];
    for nodes in &blocks {
        let members: Vec<Member> = nodes.iter().map(|i| member(graph, *i)).collect();
        let held = members.iter().zip(values(nodes)).enumerate().flat_map(|(i, (m, v))| held(claims, i, m, v)).collect();
        let mut new = Kind { members, held, height: 0, long: false };
        new.height = new.limbs().div_ceil(shape.lane_columns);
        kinds.push(new);
    }
    let (of_block, mut kinds) = merged(kinds);
    let mut units = vec![];
    for (nodes, kind) in blocks.into_iter().zip(of_block) {
        let values = values(&nodes);
        let (rows, width) = matrix(graph.facts(values[0]));
        let len = width.div_ceil(shape.lanes);
        kinds[kind].long |= len > 1;
        let (height, exports) = (kinds[kind].height, kinds[kind].held.len());
        let runs = (0..rows).map(|_| allocator.run(len, height, exports)).collect::<Result<_, _>>()?;
        units.push(UnitRuns { nodes, values, kind, runs });
    }
    Ok((kinds, units))
}

/// Each kind once, and its number for each that was given. One that accumulates less than another of the same operators becomes that
/// one: a few exports more cost less than selectors.
fn merged(all: Vec<Kind>) -> (Vec<usize>, Vec<Kind>) {
    let within = |a: &Kind, b: &Kind| a.members == b.members && a.held.iter().all(|h| b.held.contains(h));
    let mut kinds: Vec<Kind> = vec![];
    for (i, kind) in all.iter().enumerate() {
        // Of equal ones the first stays.
        let other = all.iter().enumerate().any(|(j, k)| i != j && within(kind, k) && (j < i || !within(k, kind)));
        if !other {
            kinds.push(kind.clone());
        }
    }
    let number = |kind: &Kind| kinds.iter().position(|k| within(kind, k)).expect("itself, or what it became");
    (all.iter().map(number).collect(), kinds)
}

fn member(graph: &Graph, node: usize) -> Member {
    let node = &graph.nodes()[node];
    let inputs: Vec<Facts> = node.inputs.iter().map(|v| Facts { shape: vec![], bits: graph.facts(*v).bits }).collect();
    let numbers = node.op.unit().expect("a unit").numbers(&inputs, graph.formats());
    Member { op: node.op.clone(), inputs, numbers }
}

/// A unit's own inputs at sigma, and its output wherever it is evaluated; outputs of the graph at sigma.
fn held(claims: &Claims, number: usize, member: &Member, value: Value) -> Vec<Held> {
    let output = claims.outputs.contains(&value).then_some(Point::Sigma);
    let mut points: Vec<Point> = claims.evaluations(value).iter().map(|e| e.last).chain(output).collect();
    points.sort_unstable();
    points.dedup();
    let unit = member.op.unit().expect("a unit");
    let own = (0..member.inputs.len()).filter(|i| !unit.shares(*i)).map(|i| Held::Input(number, i, Point::Sigma));
    own.chain(points.into_iter().map(|p| Held::Output(number, p))).collect()
}
