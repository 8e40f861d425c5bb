//! Chooses a shape.

use crate::autodiff::Training;
use crate::circuit::{Config, Parts};
use crate::claims::Claims;
use crate::gadgets::run::Run;
use crate::graph::Graph;
use crate::layout::forest::CELLS;
use crate::layout::{member, Kind, Layout, Rows, Shape, WeightGroup, BLINDING_ROWS};
use crate::scalar::{program, Exports};
use halo2_axiom::plonk::ConstraintSystem;
use pot_proof_system::error::PotError;

const COLUMNS: [usize; 17] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64];
const LANES: [usize; 8] = [1, 2, 3, 4, 6, 8, 12, 16];
const MAX_K: u32 = 18;
/// Relative costs: a row, in which all gates are evaluated; a column's transforms a row, what a column costs whatever its length, an
/// evaluation of a queried cell, and a commitment's full-size and small cells.
const ROW: f64 = 80.0;
const TRANSFORM: f64 = 0.45;
const COLUMN: f64 = 8000.0;
const QUERY: f64 = 0.03;
const FULL: f64 = 2.5;
const SMALL: f64 = 0.55;
/// What the aggregation circuit spends on a column: about 830 rows of 125 us of processor time each, a unit of cost being about 1.4 us
/// (docs/protocol/aggregation.md).
const AGGREGATED_COLUMN: f64 = 75000.0;
/// A shape with a longer proof is taken only where no other fits: each proof is stored, sent and verified.
const PROOF_BYTES: usize = 8448;
/// Added to the cost of a shape with a longer proof; more than any shape costs.
const TOO_LONG: f64 = 1e15;

/// What a shape must have in common with another circuit's, so that both read one commitment of the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Like {
    pub k: Option<u32>,
    pub weight_columns: Option<usize>,
    pub frozen_columns: Option<usize>,
    /// The proofs will be aggregated: fewer columns, if need be in more rows.
    pub aggregated: bool,
}

/// The cheapest shape of up to 2^18 rows for a graph that goes forward.
///
/// Errors: `GRAPH_UNSUPPORTED`, `CIRCUIT_TOO_LARGE`.
pub fn plan(graph: &Graph) -> Result<Shape, PotError> {
    plan_claims(graph, &Claims::forward(graph)?, Like::default())
}

/// The same for a step of training.
pub fn plan_training(training: &Training) -> Result<Shape, PotError> {
    plan_claims(&training.graph, &Claims::training(training)?, Like::default())
}

/// The same for whatever is claimed of a graph, with what is wanted of the shape.
pub fn plan_claims(graph: &Graph, claims: &Claims, like: Like) -> Result<Shape, PotError> {
    let units = (0..graph.nodes().len()).filter(|i| graph.nodes()[*i].op.unit().is_some());
    let limbs = units.map(|i| member(graph, i).numbers.iter().map(|n| n.limbs).sum::<usize>());
    let widest = limbs.max().unwrap_or(1).max(1);
    let smallest = ((1usize << graph.formats().limb_bits) + BLINDING_ROWS + 3).next_power_of_two().trailing_zeros();
    let mut best: Option<(f64, Shape)> = None;
    let mut equations = None;
    for k in like.k.map_or(smallest.max(7)..=MAX_K, |k| k..=k) {
        for (lanes, lane_columns) in LANES.iter().flat_map(|l| (1..=widest).map(move |c| (*l, c))) {
            let base = Shape { k, weight_columns: 1, frozen_columns: 1, data_columns: 1, output_columns: 1, lanes, lane_columns };
            let dearer = |cost: f64, best: Option<(f64, Shape)>| best.is_some_and(|(b, _)| cost >= b);
            if dearer(least_cost(&base), best) {
                continue;
            }
            let Some(shape) = widened((graph, claims), base, like, &mut equations) else { continue };
            let layout = Layout::new(graph, claims, shape)?;
            let mut cost = cost(&layout, COLUMN + if like.aggregated { AGGREGATED_COLUMN } else { 0.0 });
            if dearer(cost, best) || program(graph, claims, &layout, &Exports::none()).is_err() {
                continue;
            }
            if proof_bytes(graph, claims, layout) > PROOF_BYTES {
                cost += TOO_LONG;
            }
            if !dearer(cost, best) {
                best = Some((cost, shape));
            }
        }
    }
    best.map(|(_, s)| s).ok_or_else(|| {
        PotError::new(
            "CIRCUIT_TOO_LARGE",
            format!("no shape of up to 2^{MAX_K} rows holds this graph, with what it must have in common with another"),
        )
    })
}

/// The fewest columns of each group with which all fits, one group after the other. `equations`: rows that those of the scalar column
/// take, about the same in every shape, once they are known.
fn widened((graph, claims): (&Graph, &Claims), base: Shape, like: Like, equations: &mut Option<usize>) -> Option<Shape> {
    let most = *COLUMNS.last()?;
    let (weight_columns, frozen_columns) = (like.weight_columns.unwrap_or(most), like.frozen_columns.unwrap_or(most));
    let widest = Shape { weight_columns, frozen_columns, data_columns: most, output_columns: most, ..base };
    let mut fits = |s: &Shape| {
        let Ok(layout) = Layout::new(graph, claims, *s) else { return false };
        let taken = layout.taken.iter().filter(|t| **t).count();
        if equations.is_none() {
            *equations = program(graph, claims, &layout, &Exports::none()).ok().map(|p| p.taken() - taken);
        }
        equations.is_some_and(|rows| rows + taken <= s.limit())
    };
    if !fits(&widest) {
        return None;
    }
    let set: [fn(&mut Shape, usize); 4] =
        [|s, c| s.weight_columns = c, |s, c| s.frozen_columns = c, |s, c| s.data_columns = c, |s, c| s.output_columns = c];
    let mut shape = widest;
    let given = [like.weight_columns.is_some(), like.frozen_columns.is_some(), false, false];
    for (set, _) in set.into_iter().zip(given).filter(|(_, given)| !given) {
        let with = |c: usize| {
            let mut s = shape;
            set(&mut s, c);
            s
        };
        shape = COLUMNS.into_iter().map(with).find(|s| fits(s))?;
    }
    Some(shape)
}

/// Points of columns, of quotient and openings, and evaluations, 32 bytes each.
fn proof_bytes(graph: &Graph, claims: &Claims, layout: Layout) -> usize {
    let parts = Parts { graph: graph.clone(), claims: claims.clone(), layout };
    let mut cs = ConstraintSystem::default();
    Config::new(&mut cs, &parts).gates(&mut cs, &parts);
    32 * (cs.num_advice_columns() + cs.degree() + 7 + cs.advice_queries().len() + cs.fixed_queries().len())
}

/// What a circuit of this shape costs at least: of its looked-up columns alone.
fn least_cost(s: &Shape) -> f64 {
    let (n, looked) = ((1u64 << s.k) as f64, (s.data_columns + s.lanes * s.lane_columns + 1) as f64);
    ROW * n + 2.0 * looked * (TRANSFORM * n + COLUMN) + FULL * n * looked
}

/// Of all columns: their transforms, and commitments to the cells that are not 0.
fn cost(l: &Layout, column: f64) -> f64 {
    let (s, n) = (&l.shape, (1u64 << l.shape.k) as f64);
    let blocks = |runs: &[Run]| runs.iter().map(|r| r.len).sum::<usize>();
    let of_rows = |rows: &[Rows]| rows.iter().map(|r| blocks(&r.runs)).sum::<usize>();
    let chunks = |g: &WeightGroup| g.matrices.iter().map(|m| m.rows * m.chunks).sum::<usize>();
    let there = |columns: usize, rows: usize| if rows == 0 { 0 } else { columns };
    let (data, outputs, vectors) = (of_rows(&l.data), of_rows(&l.outputs), blocks(&l.vectors));
    let weights = l.weights.each_ref().map(|g| there(g.columns, chunks(g)) * if g.moves { 2 } else { 1 });
    let accumulators = l.kinds.iter().map(|k| k.accumulator_columns()).max().unwrap_or(0);
    let beside: usize = l.weights.iter().map(|g| there(g.columns, chunks(g)) * g.beside()).sum();
    let lanes = l.forest.as_ref().map_or(0, |f| f.lanes);
    let looked = there(s.data_columns, data) + l.unit_columns() + beside + lanes + 1;
    let plain = l.kinds.iter().filter(|k| k.plain() > 0).map(|k| k.free_columns(s)).max().unwrap_or(0);
    // Besides: sums of weights, data and outputs, vectors, the scalar column, permutation, random and quotient polynomials.
    let sums = l.weights.iter().map(|g| g.points.len()).sum::<usize>() + l.data_points.len() + there(1, outputs) + there(4, vectors);
    let columns = weights.iter().sum::<usize>() + there(s.output_columns, outputs) + 2 * looked + plain + accumulators + sums + of_trees(l)[0] + 5;
    let units: usize = l.units.iter().map(|u| blocks(&u.runs) * l.kinds[u.kind].held.len()).sum();
    let of_weights: usize = l.weights.iter().map(|g| chunks(g) * g.points.len()).sum();
    let full = n * (looked + 4) as f64 + (units + of_weights + data * l.data_points.len() + outputs + 4 * vectors) as f64;
    let of_block = |k: &Kind| k.lanes(s).0 * k.limbs();
    let limbs: usize = l.units.iter().map(|u| blocks(&u.runs) * of_block(&l.kinds[u.kind])).sum();
    let of_matrices: usize = l.weights.iter().zip(weights).map(|(g, columns)| chunks(g) * columns).sum();
    // Of looked-up cells many are 0.
    let small = of_matrices as f64 + 0.3 * (limbs + data * s.data_columns) as f64;
    let queries = l.kinds.iter().map(of_block).max().unwrap_or(0);
    let [_, inverses, cells] = of_trees(l);
    let (full, small) = (full + inverses as f64, small + cells as f64);
    ROW * n + columns as f64 * (TRANSFORM * n + column) + QUERY * n * queries as f64 + FULL * full + SMALL * small
}

/// Of trees, without the distances' lookup: columns, full-size cells, and small ones.
fn of_trees(l: &Layout) -> [usize; 3] {
    let Some(f) = &l.forest else { return [0; 3] };
    let rows: usize = f.runs.iter().map(|r| r.len).sum();
    let (columns, lines) = (l.shape.data_columns, f.forest.grove.entries.len());
    [(CELLS + 1) * f.lanes + 2 * (1 + columns) + f.points.len(), 2 * f.lanes * rows + lines, CELLS * f.lanes * rows + lines]
}
