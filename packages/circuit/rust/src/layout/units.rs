//! Units: blocks of rows, several entries side by side in lanes. Units of one kind share selectors and gates.
//!
//! A unit that shares the output of another, as a gradient does with its rounding, lies in that one's block. A unit with row cells, or
//! one that looks pairs up, has one entry a block, over all columns: a row's entries are neighbours, and none is beyond its width.

use super::allocator::Allocator;
use super::Shape;
use crate::claims::{matrix, Claims, Point};
use crate::error::unsupported;
use crate::gadgets::algebra::{recompose, Algebra};
use crate::gadgets::run::{Run, Slot};
use crate::graph::Graph;
use crate::limits::FIELD_BITS;
use crate::ops::tables::Table;
use crate::ops::unit::{Cells, Number, Relation, Row};
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
    /// Of entries: without a shape; with row cells, of rows. The first one's bits are those that it is shifted to.
    pub inputs: Vec<Facts>,
    pub numbers: Vec<Number>,
}

/// Units with the same gates: operators, fractional bits, and what is accumulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub members: Vec<Member>,
    pub held: Vec<Held>,
    /// Numbers of the tables in which pairs or triples are looked up, and how many functions each of them has: none without tables.
    pub lookups: Vec<usize>,
    pub functions: usize,
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
    /// Bits by which each unit's first input is shifted.
    pub lifts: Vec<u32>,
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
    /// Row cells of an entry.
    pub fn row_cells(&self) -> usize {
        self.members[0].op.unit().expect("a unit").row_cells().len()
    }
    /// Cells of an entry that no lookup covers.
    pub fn plain(&self) -> usize {
        self.members.iter().map(|m| m.op.unit().expect("a unit").plain().len()).sum()
    }
    /// Cell of plain cell `i` of a lane, in the columns that no lookup covers. No kind has row cells besides.
    pub fn plain_slot(&self, lane: usize, i: usize) -> Slot {
        let at = lane * self.plain() + i;
        Slot { column: at / self.height, row: at % self.height }
    }
    /// Columns without a lookup that it takes.
    pub fn free_columns(&self, shape: &Shape) -> usize {
        match self.row_cells() {
            0 => (self.plain() * self.lanes(shape).0).div_ceil(self.height),
            _ => 1,
        }
    }
    /// Entries of a block, and columns of one.
    pub fn lanes(&self, shape: &Shape) -> (usize, usize) {
        match self.row_cells() + self.lookups.len() {
            0 => (shape.lanes, shape.lane_columns),
            _ => (1, shape.lanes * shape.lane_columns),
        }
    }
    /// Cell of limb `limb` in lane `lane`: column by column. Pairs that are looked up come first, in the first two columns of a row
    /// each; triples in the first three.
    pub fn slot(&self, shape: &Shape, lane: usize, limb: usize) -> Slot {
        let (pairs, height, wide) = (self.lookups.len(), self.height, 1 + self.functions);
        let Some(i) = limb.checked_sub(wide * pairs) else { return Slot { column: limb % wide, row: limb / wide } };
        // Rows that pairs leave of their columns.
        let left = height - pairs;
        let (column, row) = match i.checked_sub(wide * left) {
            Some(i) => (wide + i / height, i % height),
            None => (i / left, pairs + i % left),
        };
        Slot { column: lane * self.lanes(shape).1 + column, row }
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

    /// What each member's cells say: limbs and plain cells of a lane, and its row's.
    pub fn relations<A: Algebra>(&self, (mut limb, plain): (impl FnMut(usize) -> A, &[A]), row: &Row<A>, formats: &Formats) -> Vec<Relation<A>> {
        let mut out: Vec<Relation<A>> = vec![];
        let (mut at, mut plain_at) = (0, 0);
        for m in &self.members {
            let mut number = |n: &Number| {
                let limbs = (at..at + n.limbs).map(&mut limb).collect();
                at += n.limbs;
                recompose(formats.limb_bits, limbs)
            };
            let numbers: Vec<A> = m.numbers.iter().map(&mut number).collect();
            let own = &plain[plain_at..][..m.op.unit().expect("a unit").plain().len()];
            plain_at += own.len();
            let relation = m.op.relation(Cells { numbers: &numbers, plain: own, row }, &m.inputs, formats, out.first());
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

/// Kinds, places and tables of all units.
pub(super) struct Units {
    pub kinds: Vec<Kind>,
    pub runs: Vec<UnitRuns>,
    pub tables: Vec<Table>,
}

/// Errors: `CIRCUIT_TOO_LARGE`, `CIRCUIT_SHAPE` (fewer columns than what is looked up has cells), `GRAPH_UNSUPPORTED`.
pub(super) fn place(graph: &Graph, claims: &Claims, shape: &Shape, allocator: &mut Allocator) -> Result<Units, PotError> {
    allocator.restart();
    let blocks = blocks(graph)?;
    let values = |nodes: &[usize]| -> Vec<Value> { nodes.iter().map(|i| graph.tensors().len() + i).collect() };
    let mut tables: Vec<Table> = vec![];
    let all = blocks.iter().map(|nodes| kind(graph, claims, (nodes, &values(nodes)), shape, &mut tables)).collect::<Result<_, _>>()?;
    let (of_block, mut kinds) = merged(graph, &blocks, all);
    let mut units = vec![];
    for (nodes, kind) in blocks.into_iter().zip(of_block) {
        let values = values(&nodes);
        let bits = |node: &usize| graph.facts(graph.nodes()[*node].inputs[0]).bits;
        let lifts = nodes.iter().zip(&kinds[kind].members).map(|(n, m)| m.inputs[0].bits - bits(n)).collect();
        let (rows, width) = matrix(graph.facts(values[0]));
        let len = width.div_ceil(kinds[kind].lanes(shape).0);
        kinds[kind].long |= len > 1;
        let (height, exports) = (kinds[kind].height, kinds[kind].held.len());
        let runs = (0..rows).map(|_| allocator.run(len, height, exports)).collect::<Result<_, _>>()?;
        units.push(UnitRuns { nodes, values, lifts, kind, runs });
    }
    Ok(Units { kinds, runs: units, tables })
}

/// The kind of a block. Its tables are listed once.
fn kind(graph: &Graph, claims: &Claims, (nodes, values): (&[usize], &[Value]), shape: &Shape, tables: &mut Vec<Table>) -> Result<Kind, PotError> {
    let members: Vec<Member> = nodes.iter().map(|i| member(graph, *i)).collect();
    let held = members.iter().zip(values).enumerate().flat_map(|(i, (m, v))| held(claims, i, m, *v)).collect();
    let wanted = members[0].op.unit().expect("a unit").tables(&members[0].inputs, graph.formats());
    let number = |table: Table| {
        tables.iter().position(|t| *t == table).unwrap_or_else(|| {
            tables.push(table);
            tables.len() - 1
        })
    };
    let functions = wanted.first().map_or(0, Table::functions);
    let lookups = wanted.into_iter().map(number).collect();
    let mut kind = Kind { members, held, lookups, functions, height: 0, long: false };
    let columns = kind.lanes(shape).1;
    if columns < 1 + functions {
        return Err(PotError::new("CIRCUIT_SHAPE", format!("a unit that looks up in a table needs {} columns", 1 + functions)));
    }
    kind.height = kind.limbs().div_ceil(columns).max(kind.row_cells()).max(kind.lookups.len());
    Ok(kind)
}

/// Each kind once, and its number for each that was given. One that accumulates less than another of the same operators becomes that
/// one: a few exports more cost less than selectors. So does one that rounds fewer bits away, where its blocks do not get higher.
fn merged(graph: &Graph, blocks: &[Vec<usize>], all: Vec<Kind>) -> (Vec<usize>, Vec<Kind>) {
    let within = |i: usize, b: &Kind| {
        let (a, mut members) = (&all[i], blocks[i].iter().zip(&all[i].members).zip(&b.members));
        let held = a.height == b.height && a.lookups == b.lookups && a.held.iter().all(|h| b.held.contains(h));
        held && a.members.len() == b.members.len() && members.all(|((node, a), b)| a == b || lifted(graph, *node, a, b))
    };
    let mut kinds: Vec<Kind> = vec![];
    for (i, kind) in all.iter().enumerate() {
        // Of equal ones the first stays.
        let other = all.iter().enumerate().any(|(j, k)| i != j && within(i, k) && (j < i || !within(j, kind)));
        if !other {
            kinds.push(kind.clone());
        }
    }
    let number = |i: usize| kinds.iter().position(|k| within(i, k)).expect("itself, or what it became");
    ((0..all.len()).map(number).collect(), kinds)
}

/// Whether a unit of these numbers can have those of another, its first input shifted by more bits: what it says must not wrap then.
fn lifted(graph: &Graph, node: usize, a: &Member, b: &Member) -> bool {
    let input = graph.nodes()[node].inputs[0];
    let more = b.inputs[0].bits.checked_sub(graph.facts(input).bits);
    let fits = more.is_some_and(|more| graph.bound(input).proven + more < FIELD_BITS);
    let lifts = a.op.unit().expect("a unit").lift(&a.inputs, graph.formats()).is_some();
    a.op == b.op && a.inputs[1..] == b.inputs[1..] && a.inputs[0].shape == b.inputs[0].shape && lifts && fits
}

/// A unit's numbers. The first input's bits are those that it is shifted to at least.
pub(crate) fn member(graph: &Graph, node: usize) -> Member {
    let node = &graph.nodes()[node];
    let unit = node.op.unit().expect("a unit");
    let facts = |v: &Value| {
        let facts = graph.facts(*v);
        Facts { shape: if unit.row_cells().is_empty() { vec![] } else { vec![matrix(facts).1] }, bits: facts.bits }
    };
    let mut inputs: Vec<Facts> = node.inputs.iter().map(facts).collect();
    inputs[0].bits += unit.lift(&inputs, graph.formats()).unwrap_or(0);
    let numbers = unit.numbers(&inputs, graph.formats());
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
