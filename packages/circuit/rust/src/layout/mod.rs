//! Where each cell of a circuit lies: a pure function of the graph and a shape.
//!
//! Values are stored in column groups (weights, data, units, outputs, vectors) side by side on the same rows. What must become a
//! scalar is exported to one column, the scalar column, on the rows where its accumulator ends; a run is moved down where two exports
//! would meet.

mod allocator;
pub mod forest;
mod shape;
mod units;
mod weights;

pub use forest::ForestRows;
pub use shape::{Shape, BLINDING_ROWS};
pub(crate) use units::member;
pub use units::{Held, Kind, Member, UnitRuns};
pub use weights::{stored_bits, weight_point, Matrix, WeightGroup, LEAST_ROWS};

use crate::claims::{matrix, Claims, Point};
use crate::gadgets::pairs::{Tables, MOST};
use crate::gadgets::run::Run;
use crate::graph::Graph;
use crate::ops::tables::Table;
use crate::ops::Value;
use crate::tensor::Role;
use allocator::Allocator;
use pot_proof_system::error::PotError;
use units::Units;

/// Challenges at the head of the scalar column: sigma, rho, tau, omega. Behind them stand the rates, where there are any.
pub const HEADER: usize = 4;

/// A value's rows, a run each.
#[derive(Clone, Debug)]
pub struct Rows {
    pub value: Value,
    /// Entries of a row.
    pub width: usize,
    pub runs: Vec<Run>,
}

/// All places of a circuit.
#[derive(Clone, Debug)]
pub struct Layout {
    pub shape: Shape,
    /// Trained and frozen weights, and an optimiser's states, each with columns of their own.
    pub weights: [WeightGroup; 3],
    /// Data and labels; at which points their last axis is evaluated.
    pub data: Vec<Rows>,
    pub data_points: Vec<Point>,
    /// Kinds of units, and the runs of each unit.
    pub kinds: Vec<Kind>,
    pub units: Vec<UnitRuns>,
    /// Tables in which units look pairs up.
    pub tables: Vec<Table>,
    pub outputs: Vec<Rows>,
    /// Of decision trees.
    pub forest: Option<ForestRows>,
    /// One a product.
    pub vectors: Vec<Run>,
    /// Rows of the scalar column with the public rates.
    pub rates: Vec<usize>,
    /// Rows of the scalar column that are taken.
    pub taken: Vec<bool>,
    /// Last row of the range lookup.
    pub last: usize,
}

impl Layout {
    /// Errors: `CIRCUIT_SHAPE` for a shape that is none, `CIRCUIT_TOO_LARGE` where the rows do not suffice.
    pub fn new(graph: &Graph, claims: &Claims, shape: Shape) -> Result<Self, PotError> {
        shape.check(graph.formats())?;
        let corrected = claims.corrected(graph);
        let mut allocator = Allocator::new(&shape, HEADER + usize::from(!claims.rates.is_empty() && !corrected));
        let weights = weights::groups(graph, claims, &shape, &mut allocator)?;
        // Behind weights, which lie where they lie in every circuit.
        let rates = if corrected { allocator.cells(claims.rates.len())? } else { (HEADER..HEADER + claims.rates.len()).collect() };
        let mut data_points: Vec<Point> =
            (0..graph.tensors().len()).filter(|v| is_data(graph, *v)).flat_map(|v| claims.evaluations(v)).map(|e| e.last).collect();
        data_points.sort_unstable();
        data_points.dedup();
        let data = rows(graph, &mut allocator, |v| is_data(graph, v), shape.data_columns, data_points.len())?;
        let Units { kinds, runs: units, tables } = units::place(graph, claims, &shape, &mut allocator)?;
        let outputs = rows(graph, &mut allocator, |v| claims.outputs.contains(&v), shape.output_columns, 1)?;
        let forest = forest::place(graph, claims, &shape, &mut allocator)?;
        allocator.restart();
        let vectors = claims.products.iter().map(|p| allocator.run(p.length, 1, 2)).collect::<Result<_, _>>()?;
        // Those of one function lie beside those of two.
        let listed = |functions: usize| tables.iter().filter(|t| t.functions() == functions).map(Table::len).sum::<usize>();
        let pairs = (1..=MOST).map(listed).max().unwrap_or(0);
        let of_trees = forest.as_ref().map_or(0, |f| f.forest.grove.entries.len());
        let last = allocator.deepest().max(1 << graph.formats().limb_bits).max(pairs).max(of_trees);
        if last + 1 >= shape.limit() {
            return Err(shape.too_large("the values"));
        }
        Ok(Self { shape, weights, data, data_points, kinds, units, tables, outputs, forest, vectors, rates, taken: allocator.taken, last })
    }

    /// The runs of a tensor of data.
    pub fn data_rows(&self, value: Value) -> Option<&Rows> {
        self.data.iter().find(|d| d.value == value)
    }
    /// The runs of the unit that gives a value, and its number in the block.
    pub fn unit(&self, value: Value) -> Option<(&UnitRuns, usize)> {
        self.units.iter().find_map(|u| u.values.iter().position(|v| *v == value).map(|i| (u, i)))
    }
    /// Columns of units' cells.
    pub fn unit_columns(&self) -> usize {
        if self.units.is_empty() {
            0
        } else {
            self.shape.lanes * self.shape.lane_columns
        }
    }
    /// Columns of units' cells that no lookup covers.
    pub fn free_columns(&self) -> usize {
        self.kinds.iter().map(|k| k.free_columns(&self.shape)).max().unwrap_or(0)
    }
    /// Of how many functions there are tables: of one, for pairs, or two, for triples.
    pub fn lookups(&self) -> Vec<usize> {
        (1..=MOST).filter(|functions| self.tables.iter().any(|t| t.functions() == *functions)).collect()
    }
    /// Rows with a pair, or with more functions a triple, that is looked up, and in which table.
    pub fn pairs(&self, functions: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let blocks = self.units.iter().map(|u| (&self.kinds[u.kind], u)).filter(move |(kind, _)| kind.functions == functions);
        let blocks = blocks.flat_map(|(kind, u)| u.runs.iter().map(move |r| (&kind.lookups, r)));
        blocks.flat_map(|(tables, r)| (0..r.len).flat_map(move |b| tables.iter().enumerate().map(move |(i, t)| (r.row(b) + i, *t))))
    }
    /// The entries of the tables of so many functions.
    pub fn pair_tables(&self, functions: usize) -> Tables {
        let of = self.tables.iter().enumerate().filter(|(_, t)| t.functions() == functions);
        Tables::new(functions, &of.map(|(i, t)| (i, t.values())).collect::<Vec<_>>())
    }
    /// The matrix that holds a tensor of weights, and the number of its group.
    pub fn matrix(&self, value: Value) -> Option<(usize, &Matrix)> {
        self.weights.iter().enumerate().find_map(|(g, group)| group.matrices.iter().find(|m| m.value == value).map(|m| (g, m)))
    }
}

fn is_data(graph: &Graph, value: Value) -> bool {
    graph.tensors().get(value).is_some_and(|t| matches!(t.role, Role::Data | Role::Label))
}

/// Values in columns of their own, a row of the value after the other.
fn rows(graph: &Graph, allocator: &mut Allocator, which: impl Fn(Value) -> bool, columns: usize, exports: usize) -> Result<Vec<Rows>, PotError> {
    allocator.restart();
    let values = (0..graph.tensors().len() + graph.nodes().len()).filter(|v| which(*v));
    values
        .map(|value| {
            let (rows, width) = matrix(graph.facts(value));
            let runs = (0..rows).map(|_| allocator.run(width.div_ceil(columns), 1, exports)).collect::<Result<_, _>>()?;
            Ok(Rows { value, width, runs })
        })
        .collect()
}
