//! Phase 1: every tensor as small integers, at its place.

use super::{signed, Put, Second, Third};
use crate::config::WindowConfig;
use crate::layout::{Layout, Matrix, Run, Slot, GRADIENT_ROW, RATE_ROW, STATE_ROW, WEIGHT_ROW};
use crate::offsets::{base_offset, gradient_offset, state_offset, weight_offset};
use crate::optimizer::{Entry, Rate};
use crate::spec::SgdSpec;
use crate::tables::{pair_table, LOW_TAG};
use crate::trace::StepTrace;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Random values for the reserved rows of the columns that several proofs share: `[column][row - limit]`.
#[derive(Clone, Debug, Default)]
pub struct Salts {
    pub w0: Vec<Vec<Fr>>,
    pub wk: Vec<Vec<Fr>>,
    pub base: Vec<Vec<Fr>>,
    pub data: Vec<Vec<Fr>>,
}

impl Salts {
    /// Drops the last `rows` values of each column: the rows that halo2 blinds itself.
    pub fn drop_last(&mut self, rows: usize) {
        for col in [&mut self.w0, &mut self.wk, &mut self.base, &mut self.data].into_iter().flatten() {
            col.truncate(col.len() - rows);
        }
    }

    /// Keeps the first `rows` values of each column: the rows before those that halo2 blinds itself.
    pub fn truncate(&mut self, rows: usize) {
        for col in [&mut self.w0, &mut self.wk, &mut self.base, &mut self.data].into_iter().flatten() {
            col.truncate(rows);
        }
    }
}

/// All that the prover knows of one window.
pub struct Witness {
    pub params: Arc<(SgdSpec, Layout)>,
    pub w0: Vec<i64>,
    pub wk: Vec<i64>,
    /// The frozen base; empty where there is none.
    pub base: Vec<i64>,
    pub traces: Vec<StepTrace>,
    pub eta: i64,
    pub salts: Salts,
    /// Dense small columns, `[column][row]`.
    pub(super) data: Vec<Vec<u32>>,
    pub(super) deviation: Vec<Vec<u32>>,
    pub(super) update: Vec<Vec<u32>>,
    pub(super) trace: Vec<Vec<u32>>,
    pub(super) aux: Vec<u64>,
    pub(super) mult: Vec<u32>,
    pub(super) pair_mult: Vec<u32>,
    pub(super) second: OnceLock<Second>,
}

impl Witness {
    /// `traces` come from the executor; `labels` are one-hot or at scale a; `deviation` is W_K minus the exact result (tolerance mode).
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        params: Arc<(SgdSpec, Layout)>,
        w0: Vec<i64>,
        wk: Vec<i64>,
        base: Vec<i64>,
        deviation: Option<&[i64]>,
        traces: Vec<StepTrace>,
        labels: &[i32],
        eta: i64,
        salts: Salts,
    ) -> Self {
        let (spec, lay) = &*params;
        let rows = lay.limit;
        let zeros = |n: usize| vec![vec![0u32; rows]; n];
        let mut me = Self {
            data: data_cells(spec, lay, &traces, labels),
            deviation: zeros(lay.shape.weight_columns * spec.tolerance_limbs),
            update: zeros(lay.updates.as_ref().map_or(0, |u| u.lanes * u.columns)),
            trace: zeros(lay.trace_columns),
            aux: vec![0; rows],
            mult: vec![0; 1 << spec.scales.b],
            pair_mult: vec![],
            params: params.clone(),
            w0,
            wk,
            base,
            traces,
            eta,
            salts,
            second: OnceLock::new(),
        };
        if let Some(dev) = deviation {
            me.deviation_cells(dev);
        }
        me.update_cells();
        me.hidden_cells();
        me.output_cells();
        for col in me.data.iter().chain(&me.deviation).chain(&me.update).chain(&me.trace) {
            for v in &col[1..=lay.look_end] {
                if let Some(m) = me.mult.get_mut(*v as usize) {
                    *m += 1;
                }
            }
        }
        me
    }

    fn set(trace: &mut [Vec<u32>], base: usize, s: Slot, v: u64) {
        trace[s.col][base + s.rot] = v as u32;
    }

    fn limbs(trace: &mut [Vec<u32>], base: usize, slots: impl Iterator<Item = Slot>, bits: u32, v: u64) {
        for (i, s) in slots.enumerate() {
            Self::set(trace, base, s, v >> (bits as usize * i) & ((1 << bits) - 1));
        }
    }

    fn deviation_cells(&mut self, dev: &[i64]) {
        let (spec, lay) = &*self.params.clone();
        let (c, n, b) = (lay.shape.weight_columns, spec.tolerance_limbs, spec.scales.b as usize);
        for m in &lay.matrices {
            for i in 0..m.rows {
                for j in 0..m.chunks * c {
                    let row = m.row(i, j / c);
                    let e = if j < m.cols { dev[m.offset + i * m.cols + j] } else { 0 };
                    let v = (e + (1i64 << (b * n - 1))) as u64;
                    for limb in 0..n {
                        self.deviation[j % c * n + limb][row] = (v >> (b * limb) & ((1 << b) - 1)) as u32;
                    }
                }
            }
        }
    }

    /// What an optimiser's blocks begin with: (lane, row of the block, weight before and gradient, rate of its matrix). Beyond a
    /// matrix row's end all is 0.
    fn blocks(&self, put: &mut dyn FnMut(usize, usize, Entry, Rate)) {
        let (spec, lay) = &*self.params;
        let lanes = lay.updates.as_ref().map_or(1, |u| u.lanes);
        for (shift, update) in lay.copies(spec).zip(self.traces.iter().filter_map(|t| t.update.as_ref())) {
            for m in &lay.matrices {
                let Some(Ok(rate)) = spec.adapter(m.layer).map(|a| spec.matrix_rate(a, m.part, update.rate)) else { continue };
                for (i, j) in (0..m.rows).flat_map(|i| (0..m.chunks * lanes).map(move |j| (i, j))) {
                    let entry = if j < m.cols { update.entries[m.offset + i * m.cols + j] } else { Entry::default() };
                    put(j % lanes, m.row(i, j / lanes) + shift, entry, rate);
                }
            }
        }
    }

    fn update_cells(&mut self) {
        let params = self.params.clone();
        let (spec, lay) = &*params;
        let (Some(u), Some(o)) = (&lay.updates, spec.optimizer()) else { return };
        let b = spec.scales.b;
        let mut update = std::mem::take(&mut self.update);
        self.blocks(&mut |lane, row, entry, rate| {
            // The executor has taken the same step.
            let after = o.step(&spec.scales, rate, entry).unwrap_or_default();
            for ((n, slots), v) in u.numbers.iter().zip(after.numbers) {
                let offset = if n.signed { 1i64 << (b as usize * n.limbs - 1) } else { 0 };
                let slots = slots.iter().map(|s| Slot { col: lane * u.columns + s.col, ..*s });
                Self::limbs(&mut update, row, slots, b, (v + offset) as u64);
            }
        });
        self.update = update;
    }

    /// The plain columns of an optimiser's blocks.
    fn plain_cells(&self, put: &mut dyn FnMut(usize, usize, Fr)) {
        let spec = &self.params.0;
        let states = spec.optimizer().map_or(0, |o| o.states());
        self.blocks(&mut |lane, row, entry, rate| {
            put(lane, row + WEIGHT_ROW, signed(entry.weight + weight_offset(spec)));
            put(lane, row + GRADIENT_ROW, signed(entry.gradient) + signed(gradient_offset()));
            if lane == 0 {
                put(lane, row + RATE_ROW, signed(rate.rate));
            }
            for (i, v) in [entry.first, entry.second].into_iter().enumerate().take(states) {
                put(lane, row + STATE_ROW + i, signed(v + state_offset(spec, i)));
            }
        });
    }

    fn hidden_cells(&mut self) {
        let (spec, lay) = &*self.params.clone();
        let traces = std::mem::take(&mut self.traces);
        for l in 0..spec.layers.len() {
            for (s, run) in lay.hidden.get(l).into_iter().flatten().enumerate() {
                let (tr, below) = (&traces[s / spec.batch].layers[l], &traces[s / spec.batch].layers[l + 1]);
                self.unit_cells(run, s % spec.batch, spec.layers[l].outputs, [&tr.z, &below.g], [&tr.r, &below.rg]);
            }
            for (s, run) in lay.adapters[l].iter().enumerate() {
                let Some(tr) = &traces[s / spec.batch].layers[l].adapter else { continue };
                let rank = spec.adapter(l).map_or(0, |a| a.rank);
                self.unit_cells(run, s % spec.batch, rank, [&tr.z, &tr.g], [&tr.r, &tr.rg]);
            }
        }
        self.traces = traces;
    }

    /// One run of units: pre-activation z and gradient g with their remainders, `[sample][unit]`.
    fn unit_cells(&mut self, run: &Run, sample: usize, m: usize, [z, g]: [&[i64]; 2], [r, rg]: [&[u64]; 2]) {
        let (spec, lay) = &*self.params.clone();
        let (b, n, lanes) = (spec.scales.b, lay.limbs, lay.shape.lanes);
        // A cell beyond the layer's width is the unit that computes 0; below the lowest trained layer there are no gradients.
        let zero = (0, 1u64 << (spec.scales.w() - 1));
        let pair = |v: &[i64], r: &[u64], unit: usize| match v.get(sample * m + unit) {
            Some(v) if unit < m => (*v, r[sample * m + unit]),
            _ => zero,
        };
        for chunk in 0..run.len {
            let base = run.row(chunk);
            for lane in 0..lanes {
                let unit = chunk * lanes + lane;
                let ((z, r), (g, rg)) = (pair(z, r, unit), pair(g, rg, unit));
                let slot = |q: usize| lay.hidden_slot(lane, q);
                let mask = z > 0;
                let u = if mask { z - 1 } else { -z } as u64;
                Self::limbs(&mut self.trace, base, (0..n).map(slot), b, r);
                Self::limbs(&mut self.trace, base, (n..n + 2).map(slot), b, u);
                Self::set(&mut self.trace, base, slot(n + 2), u64::from(mask));
                Self::limbs(&mut self.trace, base, (n + 3..n + 5).map(slot), b, (g + (1 << (2 * b - 1))) as u64);
                Self::limbs(&mut self.trace, base, (n + 5..2 * n + 5).map(slot), b, rg);
            }
        }
    }

    fn output_cells(&mut self) {
        let (spec, lay) = &*self.params.clone();
        let (b, o, m) = (spec.scales.b, &lay.out, spec.outputs());
        let mut pairs: HashMap<u64, u32> = HashMap::new();
        for (s, run) in lay.outputs.iter().enumerate() {
            let (step, sample) = (s / spec.batch, s % spec.batch);
            let tr = &self.traces[step].layers[spec.layers.len() - 1];
            let (mut part, mut count) = (0u64, 0u64);
            for i in (0..m).rev() {
                let (base, at) = (run.row(i), sample * m + i);
                Self::limbs(&mut self.trace, base, o.r.iter().copied(), b, tr.r[at]);
                Self::limbs(&mut self.trace, base, o.z.iter().copied(), b, (tr.z[at] + (1 << (2 * b - 1))) as u64);
                let Some(sm) = &self.traces[step].softmax else { continue };
                let (hi, lo) = (sm.hi[at], sm.lo[at]);
                for (slot, v) in [(o.hi, hi), (o.e_hi, sm.e_hi[at]), (o.lo, lo), (o.e_lo, sm.e_lo[at])] {
                    Self::set(&mut self.trace, base, slot, v);
                }
                *pairs.entry(hi).or_default() += 1;
                *pairs.entry(LOW_TAG + lo).or_default() += 1;
                let (sum, rem) = (sm.sum[sample], sm.rem[at]);
                let mu = u64::from(sm.arg_max[sample] == i);
                Self::limbs(&mut self.trace, base, o.q.iter().copied(), b, sm.q[at]);
                Self::limbs(&mut self.trace, base, o.rem.iter().copied(), b, rem);
                Self::limbs(&mut self.trace, base, o.crem.iter().copied(), b, 2 * sum - 1 - rem);
                Self::set(&mut self.trace, base, o.mu, mu);
                part += sm.e_hi[at] * sm.e_lo[at];
                count += mu;
                // The maximum is stored as a field element: it may be negative.
                self.aux[base] = sm.max[sample] as u64;
                self.aux[base + 1] = sum;
                self.aux[base + 2] = part;
                self.aux[base + 3] = count;
            }
        }
        if spec.softmax() {
            self.pair_mult = pair_table(spec).iter().map(|(k, _)| pairs.get(k).copied().unwrap_or(0)).collect();
        }
    }

    /// Cell `j` of a matrix row in W_0 (`which` 0) or W_K.
    pub(super) fn weight(&self, which: usize, m: &Matrix, i: usize, j: usize) -> i64 {
        let w = if which == 0 { &self.w0 } else { &self.wk };
        if j < m.cols {
            w[m.offset + i * m.cols + j]
        } else {
            0
        }
    }

    /// Assigns phase 1.
    pub fn first(&self, cf: &WindowConfig, put: &mut Put<'_>) {
        let (spec, lay) = &*self.params;
        let strips = [(&cf.w0, Strip::trained(spec, lay, &self.w0), &self.salts.w0), (&cf.wk, Strip::trained(spec, lay, &self.wk), &self.salts.wk)];
        let frozen = (&cf.base, Strip::frozen(spec, lay, &self.base), &self.salts.base);
        for (columns, strip, salt) in strips.into_iter().chain((!lay.base.is_empty()).then_some(frozen)) {
            strip.cells(salt, &mut |c, row, v| put(columns[c], row, v));
        }
        for (col, cells) in cf
            .data
            .iter()
            .zip(&self.data)
            .chain(cf.deviation.iter().zip(&self.deviation))
            .chain(cf.update.iter().zip(&self.update))
            .chain(cf.trace.iter().zip(&self.trace))
        {
            for (row, v) in cells.iter().enumerate() {
                put(*col, row, Fr::from(u64::from(*v)));
            }
        }
        self.plain_cells(&mut |lane, row, v| put(cf.plain[lane], row, v));
        for (col, salt) in cf.data.iter().zip(&self.salts.data) {
            for (i, v) in salt.iter().enumerate() {
                put(*col, lay.limit + i, *v);
            }
        }
        for (v, m) in self.mult.iter().enumerate() {
            put(cf.mult, 1 + v, Fr::from(u64::from(*m)));
        }
        // Rows after the table look the value 0 up again with multiplicity 0.
        if let (Some(aux), Some(pm)) = (cf.aux, cf.pair_mult) {
            for (row, v) in self.aux.iter().enumerate() {
                put(aux, row, signed(*v as i64));
            }
            for (i, m) in self.pair_mult.iter().enumerate() {
                put(pm, 1 + i, Fr::from(u64::from(*m)));
            }
        }
    }

    /// Cell `j` of a row of a frozen matrix.
    pub(super) fn frozen(&self, m: &Matrix, i: usize, j: usize) -> i64 {
        if j < m.cols {
            self.base[m.offset + i * m.cols + j]
        } else {
            0
        }
    }

    /// Phase 2, computed once: challenges sigma, theta, rho, beta, gamma.
    pub fn second(&self, ch: [Fr; 5]) -> &Second {
        self.second.get_or_init(|| Second::new(self, ch))
    }

    /// Phase 3, after phase 2: challenges tau, omega.
    pub fn third(&self, [tau, omega]: [Fr; 2]) -> Result<Third, PotError> {
        let second = self.second.get().expect("phase 2 comes before phase 3");
        Third::new(self, second, tau, omega)
    }
}

/// One group of weight columns: matrices, values, number of columns, offset at which values are stored; then, in as many
/// columns each, an optimiser's states with their offsets.
pub struct Strip<'a> {
    matrices: &'a [Matrix],
    weights: &'a [i64],
    columns: usize,
    offset: i64,
    states: Vec<(&'a [i64], i64)>,
    limit: usize,
}

impl<'a> Strip<'a> {
    /// The weights that are trained, and their state.
    pub fn trained(spec: &SgdSpec, lay: &'a Layout, weights: &'a [i64]) -> Self {
        let count = spec.optimizer().map_or(0, |o| o.states());
        let (weights, rest) = weights.split_at(spec.weights());
        let states = rest.chunks(spec.weights()).enumerate().map(|(i, v)| (v, state_offset(spec, i))).collect();
        let columns = lay.shape.weight_columns / (1 + count);
        Self { matrices: &lay.matrices, weights, columns, offset: weight_offset(spec), states, limit: lay.limit }
    }
    /// The frozen base.
    pub fn frozen(spec: &SgdSpec, lay: &'a Layout, weights: &'a [i64]) -> Self {
        Self { matrices: &lay.base, weights, columns: lay.shape.base_columns, offset: base_offset(spec), states: vec![], limit: lay.base_limit }
    }
    /// Number of weights, without states.
    pub fn len(&self) -> usize {
        self.weights.len()
    }
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }
    /// Receives (column, row, weight) for every cell of a matrix, those beyond its columns as 0.
    pub fn values(&self, put: &mut dyn FnMut(usize, usize, i64)) {
        self.each(self.weights, put);
    }
    fn each(&self, values: &[i64], put: &mut dyn FnMut(usize, usize, i64)) {
        let c = self.columns;
        for m in self.matrices {
            for i in 0..m.rows {
                for j in 0..m.chunks * c {
                    put(j % c, m.row(i, j / c), if j < m.cols { values[m.offset + i * m.cols + j] } else { 0 });
                }
            }
        }
    }
    /// Cells of the columns: weights and states with their offsets, then the reserved rows' salt.
    pub fn cells(&self, salt: &[Vec<Fr>], put: &mut dyn FnMut(usize, usize, Fr)) {
        self.values(&mut |c, row, w| put(c, row, signed(w + self.offset)));
        for (n, (state, offset)) in self.states.iter().enumerate() {
            self.each(state, &mut |c, row, v| put((1 + n) * self.columns + c, row, signed(v + offset)));
        }
        for (c, col) in salt.iter().enumerate() {
            for (i, v) in col.iter().enumerate() {
                put(c, self.limit + i, *v);
            }
        }
    }
}

/// Cells of the data columns.
pub fn data_cells(spec: &SgdSpec, lay: &Layout, traces: &[StepTrace], labels: &[i32]) -> Vec<Vec<u32>> {
    let x: Vec<i64> = traces.iter().flat_map(|t| t.layers[0].input.iter().copied()).collect();
    raw_data_cells(spec, lay, &x, labels)
}

/// The same from the data alone (`x` as `[step][sample][input]`).
pub fn raw_data_cells(spec: &SgdSpec, lay: &Layout, x: &[i64], labels: &[i32]) -> Vec<Vec<u32>> {
    let cx = lay.shape.data_columns;
    let mut data = vec![vec![0u32; lay.limit]; cx];
    let (mi, mo) = (spec.inputs(), spec.outputs());
    for (s, run) in lay.inputs.iter().enumerate() {
        for j in 0..mi {
            data[j % cx][run.row(j / cx)] = (x[s * mi + j] + spec.x_offset) as u32;
        }
    }
    let b = spec.scales.b;
    for (s, [low, high]) in lay.given.iter().enumerate() {
        for i in 0..mo {
            let v = (i64::from(labels[s * mo + i]) + (1 << (2 * b - 1))) as u32;
            data[i % cx][low.row(i / cx)] = v & ((1 << b) - 1);
            data[i % cx][high.row(i / cx)] = v >> b;
        }
    }
    for (s, run) in lay.labels.iter().enumerate() {
        for i in 0..mo {
            data[0][run.row(i)] = (i64::from(labels[s * mo + i]) + spec.y_offset) as u32;
        }
    }
    data
}
