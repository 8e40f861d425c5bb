//! What must hold between consecutive windows, as constraints on the cells and points that their proofs consist of.

use crate::points::{assert_same, column_group};
use crate::poseidon::hash_chain;
use crate::{Cell, Point};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_base::gates::{GateInstructions, RangeChip, RangeInstructions};
use halo2_base::{Context, QuantumCell::Constant};
use pot_halo2::error::PotError;
use pot_sgd::spec::{Kind, SgdSpec};
use pot_sgd::statement::{base_layout, data_layout, weight_layout, DATA_DOMAIN, WEIGHTS_DOMAIN};

/// Domain tag of the list of (epoch, data digest) of an aggregate's windows.
pub const DATA_LIST_DOMAIN: u64 = 0x706f744c;
/// Public inputs of a window's proof without a frozen base.
pub const WINDOW_INSTANCES: usize = 8;

/// What the rules need to know of the windows' specification.
#[derive(Clone, Debug)]
pub struct Layouts {
    pub steps: u64,
    pub weight_columns: usize,
    pub base_columns: usize,
    pub data_columns: usize,
    pub weights: Vec<u64>,
    /// Empty without a frozen base.
    pub base: Vec<u64>,
    pub data: Vec<u64>,
}

impl Layouts {
    /// Errors: `SPEC_INVALID`, `AGGREGATE_UNSUPPORTED` (no window, steps with rates of their own, a layer's part alone).
    pub fn new(spec: &SgdSpec) -> Result<Self, PotError> {
        let refuse = |what: &str| Err(PotError::new("AGGREGATE_UNSUPPORTED", format!("{what} cannot be aggregated yet")));
        if spec.kind != Kind::Window {
            return refuse("proofs of other things than windows");
        }
        if spec.scheduled() {
            return refuse("windows of Adam, whose steps have rates of their own as public inputs,");
        }
        if spec.local() {
            return refuse("layer-local windows, which no genesis proof begins,");
        }
        let shape = spec.shape()?;
        Ok(Self {
            steps: spec.steps as u64,
            weight_columns: shape.weight_columns,
            base_columns: shape.base_columns,
            data_columns: shape.data_columns,
            weights: weight_layout(spec)?,
            base: if spec.base_bits().is_some() { base_layout(spec)? } else { vec![] },
            data: data_layout(spec)?,
        })
    }
    /// Commitments at a proof's beginning that the rules are about.
    pub fn points(&self) -> usize {
        2 * self.weight_columns + self.base_columns + self.data_columns
    }
    /// Public inputs of a window.
    pub fn instances(&self) -> usize {
        WINDOW_INSTANCES + usize::from(!self.base.is_empty())
    }
}

/// One window: its public inputs and its first commitments, as its proof's transcript absorbed them.
#[derive(Clone, Debug)]
pub struct Window {
    pub eta: Cell,
    pub run_id: Cell,
    pub first_step: Cell,
    pub steps: Cell,
    pub epoch: Cell,
    pub weights_in: Cell,
    pub weights_out: Cell,
    pub data: Cell,
    pub w0: Vec<Point>,
    pub wk: Vec<Point>,
    pub shard: Vec<Point>,
}

impl Window {
    /// `instance` in the order of `Public::instance`, `points` in the order of the proof, both of exactly the length they have there.
    pub fn new(layouts: &Layouts, instance: &[Cell], points: &[Point]) -> Self {
        let [eta, run_id, first_step, steps, epoch, weights_in, weights_out, data] = instance.try_into().expect("eight public inputs");
        let (w0, rest) = points.split_at(layouts.weight_columns);
        let (wk, shard) = rest.split_at(layouts.weight_columns);
        assert_eq!(shard.len(), layouts.data_columns, "one layout");
        let [w0, wk, shard] = [w0, wk, shard].map(<[Point]>::to_vec);
        Self { eta, run_id, first_step, steps, epoch, weights_in, weights_out, data, w0, wk, shard }
    }
}

/// The public inputs of an aggregate, after its accumulator.
#[derive(Clone, Copy, Debug)]
pub struct Chained {
    pub eta: Cell,
    pub run_id: Cell,
    pub first_step: Cell,
    /// The step after the last.
    pub end_step: Cell,
    pub weights_in: Cell,
    pub weights_out: Cell,
    /// Hash of the windows' (epoch, data digest), in order.
    pub data: Cell,
}

impl Chained {
    pub fn cells(&self) -> [Cell; 7] {
        [self.eta, self.run_id, self.first_step, self.end_step, self.weights_in, self.weights_out, self.data]
    }
}

/// Constrains windows, whose points are strict, to be a chain.
///
/// - every digest in a public input is that of the proof's own points;
/// - W_K of a window and W_0 of the next are the same points;
/// - a window begins where the one before it ended, and has as many steps as its circuit;
/// - one run, one rate.
pub fn chain(ctx: &mut Context<Fr>, range: &RangeChip<Fr>, layouts: &Layouts, windows: &[Window]) -> Chained {
    let gate = range.gate();
    let steps = Fr::from(layouts.steps);
    for w in windows {
        gate.assert_is_const(ctx, &w.steps, &steps);
    }
    for pair in windows.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        ctx.constrain_equal(&a.run_id, &b.run_id);
        ctx.constrain_equal(&a.eta, &b.eta);
        let next = gate.add(ctx, a.first_step, Constant(steps));
        ctx.constrain_equal(&next, &b.first_step);
        assert_same(ctx, &a.wk, &b.w0);
        // The points are equal, so one digest serves both.
        ctx.constrain_equal(&a.weights_out, &b.weights_in);
    }
    let (first, last) = (&windows[0], &windows[windows.len() - 1]);
    let start = column_group(ctx, range, WEIGHTS_DOMAIN, &layouts.weights, &first.w0);
    ctx.constrain_equal(&start, &first.weights_in);
    let mut list = vec![];
    for w in windows {
        let weights = column_group(ctx, range, WEIGHTS_DOMAIN, &layouts.weights, &w.wk);
        ctx.constrain_equal(&weights, &w.weights_out);
        let data = column_group(ctx, range, DATA_DOMAIN, &layouts.data, &w.shard);
        ctx.constrain_equal(&data, &w.data);
        list.extend([w.epoch, w.data]);
    }
    Chained {
        eta: first.eta,
        run_id: first.run_id,
        first_step: first.first_step,
        end_step: gate.add(ctx, last.first_step, Constant(steps)),
        weights_in: first.weights_in,
        weights_out: last.weights_out,
        data: hash_chain(ctx, gate, DATA_LIST_DOMAIN, &list),
    }
}
