//! Weights: a matrix below the other, in columns that several circuits share, so that one commitment serves them all.

use super::allocator::Allocator;
use super::Shape;
use crate::claims::{after_point, matrix, Beside, Claims, Evaluation, Point};
use crate::error::unsupported;
use crate::gadgets::run::Run;
use crate::graph::Graph;
use crate::limits::WEIGHT_MARGIN;
use crate::ops::Value;
use crate::tensor::{Role, Tensor};
use pot_proof_system::error::PotError;

/// A tensor of weights: its rows from the last to the first, each in chunks of as many cells as there are columns. A tensor of one
/// axis is a column: a row of the matrix an entry.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub value: Value,
    pub rows: usize,
    pub width: usize,
    /// Chunks of a row, and all of them.
    pub chunks: usize,
    pub run: Run,
    /// Number of its class.
    pub class: usize,
}

impl Matrix {
    /// Circuit row of chunk `chunk` of row `row`.
    pub fn row(&self, row: usize, chunk: usize) -> usize {
        self.run.row(row * self.chunks + chunk)
    }
}

/// Tensors of one role.
#[derive(Clone, Debug)]
pub struct WeightGroup {
    pub columns: usize,
    /// Cells are value + 2^offset_bits, so that they are small and not negative where weights are below.
    pub offset_bits: u32,
    pub matrices: Vec<Matrix>,
    /// Whether there are columns of what the weights are after the step. The accumulator at [`after_point`] then holds
    /// `before + omega after`.
    pub moves: bool,
    /// Points at which it does.
    pub after: Vec<[Point; 2]>,
    /// Points (of the rows, of the last axis) at which the group is evaluated, an accumulator each.
    pub points: Vec<[Point; 2]>,
    /// Of each class of matrices the numbers of those points.
    pub classes: Vec<Vec<usize>>,
    /// Of each class how many limbs are looked up beside a cell.
    pub limbs: Vec<usize>,
}

/// Fewest rows of a matrix, so that exports of neighbours never meet, whatever the circuit: the weights of all circuits lie alike.
pub const LEAST_ROWS: usize = 8;
/// Most exports of a matrix.
const MAX_POINTS: usize = 4;
/// Most distinct numbers of chunks a row in a group: an accumulator is read at each, which costs blinding rows.
const MAX_STRIDES: usize = 48;

impl WeightGroup {
    /// Whether the accumulator at this point holds the weights after the step too.
    pub fn both(&self, point: usize) -> bool {
        self.moves && self.after.contains(&self.points[point])
    }
    /// Columns of looked-up limbs beside each column of cells: as many as the widest class needs.
    pub fn beside(&self) -> usize {
        self.limbs.iter().copied().max().unwrap_or(0)
    }
}

/// Bits of the offset at which weights of so many fractional bits are stored.
pub fn stored_bits(fractional: u32) -> u32 {
    fractional + WEIGHT_MARGIN - 1
}

/// The point of a matrix at which a tensor's evaluation is found.
pub fn weight_point(tensor: &Tensor, e: &Evaluation) -> [Point; 2] {
    match tensor.shape.len() {
        // Along the columns tau: what lies beyond the only column then has powers of tau that nothing else has.
        0 | 1 => [e.last, Point::Tau],
        _ => [e.rows, e.last],
    }
}

/// Trained and frozen weights, and states. Errors: `CIRCUIT_TOO_LARGE`, `GRAPH_UNSUPPORTED`.
pub(super) fn groups(graph: &Graph, claims: &Claims, shape: &Shape, allocator: &mut Allocator) -> Result<[WeightGroup; 3], PotError> {
    // Frozen ones first: exports of others never move them, so that one commitment serves all that is trained on them.
    let frozen = group(graph, claims, |r| r == Role::Frozen, [shape.frozen_columns, shape.frozen_limit()], allocator)?;
    let trained = group(graph, claims, |r| r == Role::Trained, [shape.weight_columns, shape.limit()], allocator)?;
    // As many rows as the weights, or about: as many columns for each state of a weight.
    let of_weights = |role: fn(Role) -> bool| graph.tensors().iter().filter(|t| role(t.role)).count();
    let each = of_weights(Role::is_state) / of_weights(|r| r == Role::Trained).max(1);
    let states = group(graph, claims, Role::is_state, [shape.weight_columns * each.max(1), shape.limit()], allocator)?;
    for g in [&trained, &frozen, &states] {
        let mut strides: Vec<usize> = g.matrices.iter().map(|m| m.chunks).collect();
        strides.sort_unstable();
        strides.dedup();
        if strides.len() > MAX_STRIDES {
            let message = format!("weights have {} different numbers of rows a row of a matrix: at most {MAX_STRIDES}", strides.len());
            return Err(PotError::new("CIRCUIT_TOO_LARGE", message));
        }
    }
    Ok([trained, frozen, states])
}

fn group(
    graph: &Graph,
    claims: &Claims,
    role: fn(Role) -> bool,
    [columns, limit]: [usize; 2],
    allocator: &mut Allocator,
) -> Result<WeightGroup, PotError> {
    allocator.restart_within(limit);
    let tensors = || graph.tensors().iter().enumerate().filter(|(_, t)| role(t.role));
    let offset = |t: &Tensor| if t.role.is_state() { graph.formats().long_bits() } else { stored_bits(t.bits) };
    let offset_bits = tensors().map(|(_, t)| offset(t)).max().unwrap_or(0);
    let wanted = |value: Value, t: &Tensor| {
        let mut points: Vec<[Point; 2]> = claims.evaluations(value).iter().map(|e| weight_point(t, e)).collect();
        points.sort_unstable();
        points.dedup();
        points
    };
    let mut points: Vec<[Point; 2]> = tensors().flat_map(|(v, t)| wanted(v, t)).collect();
    points.sort_unstable();
    points.dedup();
    let moves = !role(Role::Frozen) && !claims.updates.is_empty();
    let mut after: Vec<[Point; 2]> = tensors().map(|(_, t)| after_point(t)).collect();
    after.sort_unstable();
    after.dedup();
    let mut me = WeightGroup { columns, offset_bits, moves, after, matrices: vec![], points, classes: vec![], limbs: vec![] };
    for (value, t) in tensors() {
        let each: Vec<usize> = wanted(value, t).iter().filter_map(|p| me.points.iter().position(|q| q == p)).collect();
        if each.len() > MAX_POINTS {
            return Err(unsupported(&t.name, format!("it is used in {} ways: at most {MAX_POINTS}", each.len())));
        }
        let limbs = match claims.beside {
            Beside::Nothing => 0,
            Beside::Weights => graph.formats().genesis_limbs(t.bits),
            Beside::Deviations(n) => {
                if moves {
                    n
                } else {
                    0
                }
            }
        };
        let class = me.classes.iter().zip(&me.limbs).position(|(c, l)| *c == each && *l == limbs).unwrap_or_else(|| {
            me.classes.push(each.clone());
            me.limbs.push(limbs);
            me.classes.len() - 1
        });
        let (rows, width) = match t.shape.len() {
            0 | 1 => (matrix(graph.facts(value)).1, 1),
            _ => matrix(graph.facts(value)),
        };
        let chunks = width.div_ceil(columns);
        allocator.skip(LEAST_ROWS.saturating_sub(rows * chunks));
        // As many as are kept free whatever is claimed: so the weights of all circuits of a forward graph lie alike.
        let exports = each.len().max(claims.room.get(&value).copied().unwrap_or(MAX_POINTS));
        let run = allocator.run(rows * chunks, 1, exports)?;
        me.matrices.push(Matrix { value, rows, width, chunks, run, class });
    }
    Ok(me)
}
