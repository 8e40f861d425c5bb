//! Chooses rows and columns for a specification.

use crate::circuit::{Params, WindowCircuit};
use crate::genesis::GenesisCircuit;
use crate::layout::{base_reserved, hidden_slots, update_rows, Layout, RESERVED_ROWS, STATE_ROW};
use crate::scalars::{program, Exports};
use crate::spec::{Kind, SgdSpec, Shape};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Circuit, ConstraintSystem};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a planned shape must keep: the weight columns of all circuits of a run lie alike.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Constraints {
    pub k: Option<u32>,
    pub weight_columns: Option<usize>,
    pub base_columns: Option<usize>,
    pub update_height: Option<usize>,
    /// The proofs will be aggregated: fewer columns, if need be in more rows.
    #[serde(default)]
    pub aggregated: bool,
}

/// What to expect of a planned circuit.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    pub rows: usize,
    pub advice_columns: usize,
    pub fixed_columns: usize,
    pub degree: usize,
    /// Exact length of a proof.
    pub proof_bytes: usize,
    /// Estimate of the prover's peak memory.
    pub memory_bytes: u64,
    /// Proofs that may open one commitment to data or weights before its secret rows are used up.
    pub max_uses: usize,
    /// The same for the commitment to a frozen base under a secret salt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_max_uses: Option<usize>,
    /// Weights that are trained.
    pub weights: usize,
}

const WEIGHT_COLUMNS: [usize; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 48];
/// More lanes make the proof longer: each brings all its cells' openings.
const LANES: [usize; 4] = [1, 2, 3, 4];
const UPDATE_LANES: [usize; 10] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16];
const HEIGHTS: [usize; 6] = [1, 2, 3, 4, 6, 11];
/// A shape with a longer proof is taken only where no other fits: each proof is stored, sent and verified.
const PROOF_BYTES: usize = 8192;
/// Added to the cost of a shape with a longer proof; more than any shape costs.
const TOO_LONG: f64 = 1e15;

/// Fills in the shape. Errors: `SPEC_INVALID`, `CIRCUIT_TOO_LARGE` (nothing up to 2^18 rows fits).
pub fn plan(spec: &SgdSpec, constraints: Constraints) -> Result<(SgdSpec, Info), PotError> {
    let mut best: Option<(f64, Shape)> = None;
    for k in 8..=18u32 {
        if constraints.k.is_some_and(|fixed| fixed != k) || (1usize << k) < (1 << spec.scales.b) + RESERVED_ROWS + 2 {
            continue;
        }
        if let Some((cost, shape)) = plan_at(spec, k, &constraints) {
            if best.is_none_or(|(b, _)| cost < b) {
                best = Some((cost, shape));
            }
        }
    }
    let Some((_, shape)) = best else {
        return Err(PotError::new(
            "CIRCUIT_TOO_LARGE",
            format!(
                "no shape of up to 2^18 rows holds {} weights and {} samples: use fewer steps a window or a smaller batch",
                spec.weights() + spec.base_weights(),
                spec.batch * spec.steps
            ),
        ));
    };
    let mut spec = spec.clone();
    spec.shape = Some(shape);
    let info = info(&spec)?;
    Ok((spec, info))
}

/// Rows that matrices take side by side in `c` columns, and the fewest of the given numbers of columns that fit.
fn columns(matrices: &[(usize, usize)], limit: usize, fixed: Option<usize>) -> Option<usize> {
    let rows = |c: usize| matrices.iter().map(|(rows, cols)| (rows * cols.div_ceil(c)).max(8)).sum::<usize>() + 2;
    match fixed {
        Some(c) => (c > 0 && rows(c) < limit).then_some(c),
        None => WEIGHT_COLUMNS.into_iter().find(|c| rows(*c) < limit),
    }
}

/// Cheapest shape with 2^k rows.
fn plan_at(spec: &SgdSpec, k: u32, constraints: &Constraints) -> Option<(f64, Shape)> {
    let limit = (1usize << k) - RESERVED_ROWS;
    let dense: Vec<_> = spec.layers.iter().flat_map(|l| [(l.outputs, l.inputs), (l.outputs, 1)]).collect();
    let adapters: Vec<_> = (0..spec.layers.len())
        .filter_map(|l| spec.adapter(l).map(|a| [(a.rank, spec.layers[l].inputs), (spec.layers[l].outputs, a.rank)]))
        .flatten()
        .collect();
    let base_columns = match &spec.lora {
        Some(lora) if !lora.local => columns(&dense, (1 << k) - base_reserved(k), constraints.base_columns)?,
        _ => 0,
    };
    // Columns of the weights; with an optimiser rows and looked-up columns of its blocks.
    let strips: Vec<(usize, usize, usize)> = match &spec.lora {
        Some(lora) if lora.optimizer.is_some() => update_shapes(spec, limit, constraints),
        // Exports of the base may move adapters down a little.
        Some(_) => vec![(columns(&adapters, limit - 16 * adapters.len().min(limit / 32), constraints.weight_columns)?, 0, 0)],
        None => vec![(columns(&dense, limit, constraints.weight_columns)?, 0, 0)],
    };
    let samples = spec.steps * spec.batch;
    let outputs = |cx: usize| if spec.local() { 2 * spec.outputs().div_ceil(cx) } else { 3 * spec.outputs() };
    let data_rows = |cx: usize| samples * (spec.inputs().div_ceil(cx) + outputs(cx)) + 2;
    let mut best: Option<(f64, Shape)> = None;
    let cx = (1..=64).find(|cx| data_rows(*cx) < limit)?;
    let slots = hidden_slots(spec.scales.remainder_limbs());
    let mut trials: Vec<(usize, usize, usize)> = LANES.iter().flat_map(|l| HEIGHTS.iter().map(move |h| (l * slots.div_ceil(*h), *l, *h))).collect();
    trials.sort_unstable();
    for ((columns, lanes, hidden_height), (c, update_height, update_columns)) in trials.into_iter().flat_map(|t| strips.iter().map(move |s| (t, *s)))
    {
        // A cheap bound first: hidden blocks alone.
        let hidden: usize = units(spec).map(|m| m.div_ceil(lanes) * hidden_height).sum();
        if samples * hidden >= limit || columns > 48 {
            continue;
        }
        for data_columns in [cx, cx + 1] {
            let shape = Shape { k, weight_columns: c, data_columns, lanes, hidden_height, base_columns, update_height };
            let mut cost = cost(spec, &shape, columns.max(2), update_columns, constraints.aggregated);
            if best.is_some_and(|(b, _)| cost >= b) {
                continue;
            }
            let mut trial = spec.clone();
            trial.shape = Some(shape);
            let Ok(lay) = Layout::new(&trial) else { continue };
            let zero = |_, _| Fr::ZERO;
            if program(&trial, &lay, &Exports::zero(spec, &zero)).is_err() {
                continue;
            }
            if info(&trial).ok()?.proof_bytes > PROOF_BYTES {
                cost += TOO_LONG;
            }
            if best.is_none_or(|(b, _)| cost < b) {
                best = Some((cost, shape));
            }
            break;
        }
    }
    best
}

/// For an optimiser: columns of weights and states, rows of a block and columns of looked-up cells. For each number of lanes as few
/// columns as the rows allow, and then as few rows.
fn update_shapes(spec: &SgdSpec, limit: usize, constraints: &Constraints) -> Vec<(usize, usize, usize)> {
    let Some(o) = spec.optimizer() else { return vec![] };
    let slots: usize = o.numbers(spec.scales.b).iter().map(|n| n.limbs).sum();
    let (each, least) = (1 + o.states(), STATE_ROW + o.states());
    let shape = |lanes: usize| {
        let fits = |h: &usize| update_rows(spec, lanes, *h).is_some_and(|stride| spec.steps * stride + 1 < limit);
        let tallest = match constraints.update_height {
            Some(h) => Some(h).filter(fits)?,
            None => (least..=slots.clamp(least, 32)).rev().find(fits)?,
        };
        let columns = slots.div_ceil(tallest);
        let height = constraints.update_height.unwrap_or_else(|| slots.div_ceil(columns).max(least));
        Some((lanes * each, height, lanes * columns))
    };
    let wanted = |c: &usize| constraints.weight_columns.is_none_or(|w| w == c * each);
    UPDATE_LANES.into_iter().filter(wanted).filter_map(shape).collect()
}

/// Widths of the blocks of units that one sample has: hidden layers, and those between A and B'.
fn units(spec: &SgdSpec) -> impl Iterator<Item = usize> + '_ {
    let hidden = spec.layers[..spec.layers.len() - 1].iter().map(|l| l.outputs);
    hidden.chain((0..spec.layers.len()).filter_map(|l| spec.adapter(l).map(|a| a.rank)))
}

/// Relative proving time: transforms of every column, commitments to the cells that are not zero; for windows that will be
/// aggregated, also what the aggregation circuit spends on the column.
fn cost(spec: &SgdSpec, s: &Shape, trace_columns: usize, update_columns: usize, aggregated: bool) -> f64 {
    // A column costs its transforms and, whatever its length, the fixed part of a commitment; a queried cell one evaluation.
    const TRANSFORM: f64 = 0.45;
    const COLUMN: f64 = 8000.0;
    /// About 830 rows of the aggregation circuit, of 125 us of processor time each; a unit of this cost is about 1.4 us (docs/protocol/aggregation.md).
    const AGGREGATED_COLUMN: f64 = 75000.0;
    const QUERY: f64 = 0.03;
    const FULL: f64 = 2.5;
    const SMALL: f64 = 0.55;
    let n = (1u64 << s.k) as f64;
    let samples = (spec.steps * spec.batch) as f64;
    let looked = (s.data_columns + trace_columns + update_columns + 1 + s.weight_columns * spec.tolerance_limbs) as f64;
    let hidden: f64 = units(spec).map(|m| m as f64).sum();
    let columns = (2 * s.weight_columns + s.base_columns) as f64 + 2.0 * looked + 12.0 + 6.0f64 / s.hidden_height as f64;
    let full = n * looked
        + samples * (spec.inputs() as f64 / s.data_columns as f64 + 6.0 * hidden / s.lanes as f64 + 6.0 * spec.outputs() as f64)
        + spec.steps as f64 * spec.layers.iter().map(|l| 4.0 * (l.inputs + l.outputs) as f64).sum::<f64>()
        + spec.weights() as f64 / s.weight_columns as f64
        + 2.0 * spec.base_weights() as f64 / s.base_columns.max(1) as f64
        + 4.0 * n;
    let small = 2.0 * spec.weights() as f64 + 0.3 * samples * (spec.inputs() as f64 + 11.0 * hidden);
    let queries = (s.lanes * hidden_slots(spec.scales.remainder_limbs())) as f64;
    let column = COLUMN + if aggregated { AGGREGATED_COLUMN } else { 0.0 };
    TRANSFORM * n * columns + column * columns + QUERY * n * queries + FULL * full + SMALL * small
}

/// Sizes of a shaped specification.
pub fn info(spec: &SgdSpec) -> Result<Info, PotError> {
    let params = Params(Some(Arc::new((spec.clone(), Layout::new(spec)?))));
    let mut cs = ConstraintSystem::<Fr>::default();
    match spec.kind {
        Kind::Window => drop(WindowCircuit::configure_with_params(&mut cs, params)),
        Kind::Genesis => drop(GenesisCircuit::configure_with_params(&mut cs, params)),
    }
    let (advice, fixed, degree) = (cs.num_advice_columns(), cs.num_fixed_columns(), cs.degree());
    let permuted = usize::from(spec.kind == Kind::Window);
    let points = advice + permuted + 1 + (degree - 1) + 2;
    // One grand product column is opened at two points (it is the last of its argument), and its sigma once.
    let scalars = cs.advice_queries().len() + cs.fixed_queries().len() + 1 + permuted * 3;
    let n = 1usize << spec.shape()?.k;
    Ok(Info {
        rows: n,
        advice_columns: advice,
        fixed_columns: fixed,
        degree,
        proof_bytes: 32 * (points + scalars),
        // In 64 bits: on wasm32 a large circuit's estimate does not fit usize.
        memory_bytes: n as u64 * (32 * (5 * fixed + 5 * advice) + 40 * advice + 128) as u64 + (24 << 20),
        max_uses: (RESERVED_ROWS - 1) / degree,
        base_max_uses: spec.base_bits().map(|_| (base_reserved(spec.shape().map_or(0, |s| s.k)) - 1) / degree),
        weights: spec.weights(),
    })
}
