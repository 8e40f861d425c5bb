//! Phase 3: accumulators at tau, and the scalar program between their ends.

use super::strips::{base, stepped, weights};
use super::{evaluate, powers, signed, Put, Second, Witness};
use crate::config::WindowConfig;
use crate::layout::{Layout, Run, HIDDEN_ACCS};
use crate::scalars::{program, Acc, Exports, Program};
use crate::spec::{Activation, SgdSpec};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;

/// Cells of phase 3, `[row]` each.
pub struct Third {
    weight: Vec<Vec<Fr>>,
    base: Vec<Vec<Fr>>,
    data: Vec<Fr>,
    given: Vec<Fr>,
    trace: Vec<Vec<Fr>>,
    inner: Vec<Fr>,
    vector: Vec<Fr>,
    program: Program,
}

impl Third {
    /// Computes every accumulator. Errors: `CIRCUIT_TOO_LARGE` (the scalar program).
    pub fn new(w: &Witness, s: &Second, tau: Fr, omega: Fr) -> Result<Self, PotError> {
        let (spec, lay) = &*w.params;
        let rows = lay.limit;
        let mut me = Self {
            weight: if lay.updates.is_some() { stepped(w, s, tau, omega) } else { weights(w, s, tau, omega) },
            base: base(w, s, tau),
            data: vec![Fr::ZERO; rows],
            given: vec![Fr::ZERO; if spec.local() { rows } else { 0 }],
            trace: vec![vec![Fr::ZERO; rows]; lay.hidden_acc_columns],
            inner: vec![Fr::ZERO; rows],
            vector: vec![Fr::ZERO; rows],
            program: Program::default(),
        };
        me.data(w, s.sigma, tau);
        me.trace(spec, lay, w, [s.sigma, tau, s.theta]);
        me.vectors(lay, s, tau, omega);
        let at = |acc: Acc, row: usize| match acc {
            Acc::Weight(i) => me.weight[i][row],
            Acc::Base(i) => me.base[i][row],
            Acc::Data(i) => me.data[row + i],
            Acc::Given => me.given[row],
            Acc::Hidden(i) => {
                let slot = lay.hidden_acc(i);
                me.trace[slot.col][row + slot.rot]
            }
            Acc::Output(i) => me.trace[0][row + i],
            Acc::Inner => me.inner[row],
            Acc::Vector => me.vector[row],
        };
        // Of the kernels v is known; a bias is one number.
        let at_tau = |v: &Vec<Vec<Fr>>| v.iter().map(|v| evaluate(v, tau)).collect();
        let free = s.products.free.iter().map(|[first, second]| [at_tau(first), at_tau(second)]).collect();
        let exports = Exports {
            eta: signed(w.eta),
            sigma: s.sigma,
            theta: s.theta,
            rho: s.rho,
            gamma: s.gamma,
            tau,
            omega,
            free,
            rates: w.traces.iter().filter_map(|t| t.update.as_ref()).map(|u| signed(u.rate)).collect(),
            at: &at,
        };
        let program = program(spec, lay, &exports)?;
        me.program = program;
        Ok(me)
    }

    /// Assigns phase 3.
    pub fn assign(&self, cf: &WindowConfig, put: &mut Put<'_>) {
        let single = [(cf.data_acc, &self.data), (cf.vector_acc, &self.vector)];
        let groups = [(&cf.weight_acc, &self.weight), (&cf.base_acc, &self.base), (&cf.trace_acc, &self.trace)];
        let pairs = groups.into_iter().flat_map(|(columns, cells)| columns.iter().copied().zip(cells)).chain(single);
        for (col, cells) in pairs.chain(cf.given_acc.map(|c| (c, &self.given))) {
            for (row, v) in cells.iter().enumerate() {
                if *v != Fr::ZERO {
                    put(col, row, *v);
                }
            }
        }
        for (row, v) in &self.program.values {
            put(cf.s, *row, *v);
        }
    }

    fn data(&mut self, w: &Witness, sigma: Fr, tau: Fr) {
        let (_, lay) = &*w.params;
        let cx = lay.shape.data_columns;
        let given = (!self.given.is_empty()).then_some((&mut self.given, sigma));
        for (cells, x) in [(&mut self.data, tau)].into_iter().chain(given) {
            let pow = powers(x, cx + 1);
            for run in lay.wide_data() {
                let mut acc = Fr::ZERO;
                for i in (0..run.len).rev() {
                    let row = run.row(i);
                    acc = acc * pow[cx] + w.data.iter().zip(&pow).map(|(c, p)| cell_times(c[row], *p)).sum::<Fr>();
                    cells[row] = acc;
                }
            }
        }
        for run in &lay.labels {
            let mut acc = [Fr::ZERO; 3];
            for i in (0..run.len).rev() {
                let row = run.row(i);
                let y = Fr::from(u64::from(w.data[0][row]));
                for (k, x) in [sigma, tau, Fr::ONE].into_iter().enumerate() {
                    acc[k] = acc[k] * x + y;
                    self.data[row + k] = acc[k];
                }
            }
        }
    }

    fn trace(&mut self, spec: &SgdSpec, lay: &Layout, w: &Witness, [sigma, tau, theta]: [Fr; 3]) {
        let lanes = lay.shape.lanes;
        let points = [sigma, tau, theta, sigma, tau, theta];
        let pow: Vec<Vec<Fr>> = points.iter().map(|x| powers(*x, lanes + 1)).collect();
        let two_w = Fr::from(1u64 << spec.scales.w());
        let raw = |z: i64, r: u64| signed(z) * two_w + Fr::from(r) - Fr::from(1u64 << (spec.scales.w() - 1));
        let mut units = |run: &Run, sample: usize, m: usize, relu: bool, [z, g]: [&[i64]; 2], [r, rg]: [&[u64]; 2]| {
            // A unit beyond the width, and a gradient that nothing needs, are 0.
            let pair = |v: &[i64], r: &[u64], at: usize| v.get(at).map_or((0, 1 << (spec.scales.w() - 1)), |v| (*v, r[at]));
            let mut acc = [Fr::ZERO; HIDDEN_ACCS];
            for chunk in (0..run.len).rev() {
                let mut vals = [Fr::ZERO; HIDDEN_ACCS];
                for lane in (0..lanes).filter(|lane| chunk * lanes + lane < m) {
                    let at = sample * m + chunk * lanes + lane;
                    let ((z, r), (g, rg)) = (pair(z, r, at), pair(g, rg, at));
                    let h = signed(if relu { z.max(0) } else { z });
                    let delta = signed(if relu && z <= 0 { 0 } else { g });
                    let cells = [raw(z, r), h, h, delta, delta, raw(g, rg)];
                    for i in 0..HIDDEN_ACCS {
                        vals[i] += cells[i] * pow[i][lane];
                    }
                }
                for i in 0..HIDDEN_ACCS {
                    acc[i] = acc[i] * pow[i][lanes] + vals[i];
                    let slot = lay.hidden_acc(i);
                    self.trace[slot.col][run.row(chunk) + slot.rot] = acc[i];
                }
            }
        };
        for (l, layer) in spec.layers.iter().enumerate() {
            for (s, run) in lay.hidden.get(l).into_iter().flatten().enumerate() {
                let step = &w.traces[s / spec.batch].layers;
                let relu = layer.activation == Activation::Relu;
                units(run, s % spec.batch, layer.outputs, relu, [&step[l].z, &step[l + 1].g], [&step[l].r, &step[l + 1].rg]);
            }
            for (s, run) in lay.adapters[l].iter().enumerate() {
                let Some(tr) = &w.traces[s / spec.batch].layers[l].adapter else { continue };
                let rank = spec.adapter(l).map_or(0, |a| a.rank);
                units(run, s % spec.batch, rank, false, [&tr.z, &tr.g], [&tr.r, &tr.rg]);
            }
        }
        let m = spec.outputs();
        for (s, run) in lay.outputs.iter().enumerate() {
            let (step, sample) = (s / spec.batch, s % spec.batch);
            let tr = &w.traces[step].layers[spec.layers.len() - 1];
            let mut acc = [Fr::ZERO; 3];
            for i in (0..m).rev() {
                let at = sample * m + i;
                let value = w.traces[step].softmax.as_ref().map_or_else(|| signed(tr.z[at]), |s| Fr::from(s.q[at]));
                for (k, (v, x)) in [(raw(tr.z[at], tr.r[at]), sigma), (value, sigma), (value, tau)].into_iter().enumerate() {
                    acc[k] = acc[k] * x + v;
                    self.trace[0][run.row(i) + k] = acc[k];
                }
            }
        }
    }

    fn vectors(&mut self, lay: &Layout, s: &Second, tau: Fr, omega: Fr) {
        for (run, [a, b]) in s.products.placed(lay) {
            let (mut ip, mut acc) = (Fr::ZERO, Fr::ZERO);
            for i in (0..run.len).rev() {
                let row = run.row(i);
                ip += a[i] * b[i];
                acc = acc * tau + a[i] + omega * b[i];
                self.inner[row] = ip;
                self.vector[row] = acc;
            }
        }
    }
}

/// A small cell times a power; most cells of real data are zero.
fn cell_times(v: u32, p: Fr) -> Fr {
    if v == 0 {
        Fr::ZERO
    } else {
        Fr::from(u64::from(v)) * p
    }
}
