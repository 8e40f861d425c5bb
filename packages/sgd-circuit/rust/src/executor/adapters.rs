//! Adapters: docs/operators/lora.md, section 2, to the letter.

use super::arith::{backward, fits, forward, max_abs, max_row_sum, sparse};
use super::{checked_weight, range, Executor};
use crate::spec::SgdSpec;
use crate::trace::{AdapterTrace, LayerTrace};
use pot_proof_system::error::PotError;

/// The upstream gradient of layer-local mode, `[sample][output]` at scale d. Errors: `VALUE_RANGE`.
pub(super) fn given(s: &SgdSpec, y: &[i32]) -> Result<Vec<i64>, PotError> {
    let half = 1i64 << (2 * s.scales.b - 1);
    let delta: Vec<i64> = y.iter().map(|v| i64::from(*v)).collect();
    match delta.iter().find(|v| !(-half..half).contains(*v)) {
        Some(v) => Err(range(0, "upstream gradient", i128::from(*v), i128::from(half))),
        None => Ok(delta),
    }
}

impl Executor {
    /// First index of layer `l`'s A, and of its B'.
    fn adapter_offsets(&self, l: usize) -> (usize, usize) {
        let s = &self.spec;
        let size = |k: usize| s.adapter(k).map_or(0, |a| a.rank * (s.layers[k].inputs + s.layers[k].outputs));
        let at = (0..l).map(size).sum();
        (at, at + s.adapter(l).map_or(0, |a| a.rank * s.layers[l].inputs))
    }

    /// A and B' of a layer.
    fn adapter_parts(&self, l: usize) -> Option<(usize, &[i64], &[i64])> {
        let rank = self.spec.adapter(l)?.rank;
        let (a, b) = self.adapter_offsets(l);
        Some((rank, &self.weights[a..b], &self.weights[b..b + rank * self.spec.layers[l].outputs]))
    }

    /// `round(M h, w)` for each sample: `m` is `[units][inputs]`.
    fn rounded(&self, l: usize, quantity: &str, raw: Vec<i128>, lo: i64, hi: i64) -> Result<(Vec<i64>, Vec<u64>), PotError> {
        raw.into_iter().map(|v| self.round(l, quantity, v, lo, hi)).collect()
    }

    /// `h1 = round(A h, w)`; adds `B' h1` to the layer's `raw` (`[sample][output]`, scale w + a).
    pub(super) fn adapter_forward(&self, l: usize, input: &[i64], raw: &mut [i128]) -> Result<Option<AdapterTrace>, PotError> {
        let Some((rank, a, b)) = self.adapter_parts(l) else { return Ok(None) };
        let layer = &self.spec.layers[l];
        let limit = 1i64 << (2 * self.spec.scales.b);
        let product = |m: &[i64], x: &[i64], inputs: usize, outputs: usize| {
            let run = if fits(max_abs(m), max_row_sum(x, inputs), 0) { forward::<i64> } else { forward::<i128> };
            let mut out = Vec::with_capacity(x.len() / inputs * outputs);
            x.chunks(inputs).for_each(|row| run(m, None, 0, row, &sparse(row), outputs, &mut out));
            out
        };
        let (z, r) = self.rounded(l, "adapter's activation", product(a, input, layer.inputs, rank), 1 - limit, limit + 1)?;
        raw.iter_mut().zip(product(b, &z, rank, layer.outputs)).for_each(|(v, p)| *v += p);
        Ok(Some(AdapterTrace { z, r, ..AdapterTrace::default() }))
    }

    /// `g1 = round(B'^T delta, w)`.
    pub(super) fn adapter_backward(&self, l: usize, layer: &mut LayerTrace) -> Result<(), PotError> {
        let (Some((rank, _, b)), Some(adapter)) = (self.adapter_parts(l), layer.adapter.as_mut()) else { return Ok(()) };
        let half = 1i64 << (2 * self.spec.scales.b - 1);
        let raw = transposed(b, &layer.delta, rank, self.spec.layers[l].outputs);
        (adapter.g, adapter.rg) = self.rounded(l, "adapter's gradient", raw, -half, half)?;
        Ok(())
    }

    /// Adds `A^T g1` to the gradient with respect to the layer's input.
    pub(super) fn adapter_gradient(&self, l: usize, layer: &LayerTrace, raw: &mut [i128]) {
        let (Some((rank, a, _)), Some(adapter)) = (self.adapter_parts(l), &layer.adapter) else { return };
        let products = transposed(a, &adapter.g, self.spec.layers[l].inputs, rank);
        raw.iter_mut().zip(products).for_each(|(v, p)| *v += p);
    }

    /// `A -= eta g1^T x`, `B' -= etaB delta^T h1`; nothing changes where it fails. Errors: `ETA_RANGE`, `WEIGHT_RANGE`.
    pub(super) fn update_adapters(&mut self, layers: &[LayerTrace], eta: i64) -> Result<(), PotError> {
        let mut next = self.weights.clone();
        for (l, trace) in layers.iter().enumerate() {
            let (Some(adapter), Some(t)) = (self.spec.adapter(l), &trace.adapter) else { continue };
            let (inputs, outputs) = (self.spec.layers[l].inputs, self.spec.layers[l].outputs);
            let (a, b) = self.adapter_offsets(l);
            step(&mut next[a..], a, product(&t.g, &trace.input, adapter.rank, inputs), eta)?;
            step(&mut next[b..], b, product(&trace.delta, &t.z, outputs, adapter.rank), adapter.eta(eta)?)?;
        }
        self.weights = next;
        Ok(())
    }
}

/// `out[sample][j] = sum_i m[i][j] v[sample][i]`, m `[rows][columns]`.
fn transposed(m: &[i64], v: &[i64], columns: usize, rows: usize) -> Vec<i128> {
    let run = if fits(max_abs(m), max_row_sum(v, rows), 0) { backward::<i64> } else { backward::<i128> };
    let mut out = Vec::with_capacity(v.len() / rows * columns);
    v.chunks(rows).for_each(|row| run(m, row, columns, &mut out));
    out
}

/// `sum_b left[b][i] right[b][j]`, `[rows][columns]`: the gradient with respect to a matrix.
fn product(left: &[i64], right: &[i64], rows: usize, columns: usize) -> Vec<i128> {
    let mut out = vec![0i128; rows * columns];
    for (left, right) in left.chunks(rows).zip(right.chunks(columns)) {
        for (c, row) in left.iter().zip(out.chunks_mut(columns)).filter(|(c, _)| **c != 0) {
            row.iter_mut().zip(right).for_each(|(s, v)| *s += i128::from(*c) * i128::from(*v));
        }
    }
    out
}

/// `w -= rate gradient`; `at` is the index of w's first entry, for errors.
fn step(w: &mut [i64], at: usize, gradient: Vec<i128>, rate: i64) -> Result<(), PotError> {
    for (k, (w, g)) in w.iter_mut().zip(gradient).enumerate() {
        *w = checked_weight(at + k, i128::from(*w) - i128::from(rate) * g)?;
    }
    Ok(())
}
