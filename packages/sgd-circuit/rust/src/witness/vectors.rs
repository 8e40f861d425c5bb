//! Phase 2: the vectors of the matrix products at sigma, theta, rho, beside the look-ups' sums.

use super::lookups::{pairs, sums};
use super::{powers, signed, Put, Witness};
use crate::config::WindowConfig;
use crate::layout::{Layout, Run};
use crate::spec::Part;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

/// Cells of phase 2 and what phase 3 needs of it.
pub struct Second {
    pub sigma: Fr,
    pub theta: Fr,
    pub rho: Fr,
    pub gamma: Fr,
    /// `[column][row]`
    pub sums: Vec<Vec<Fr>>,
    pub pair_inv: Option<[Vec<Fr>; 2]>,
    pub products: Products,
}

/// `[layer][step]`: (u, v) and (d, s); `free`: v of each layer's trained matrices, at the first step or, with an optimiser, at each.
#[derive(Default)]
pub struct Products {
    pub forward: Vec<Vec<Pair>>,
    pub backward: Vec<Vec<Pair>>,
    pub adapter_forward: Vec<Vec<Pair>>,
    pub adapter_backward: Vec<Vec<Pair>>,
    pub free: Vec<[Vec<Vec<Fr>>; 2]>,
}

/// Two vectors side by side.
pub type Pair = [Vec<Fr>; 2];

impl Products {
    /// Pairs with their places.
    pub fn placed<'a>(&'a self, lay: &'a Layout) -> impl Iterator<Item = (&'a Run, &'a Pair)> {
        let strips = [
            (&lay.forward, &self.forward),
            (&lay.backward, &self.backward),
            (&lay.adapter_forward, &self.adapter_forward),
            (&lay.adapter_backward, &self.adapter_backward),
        ];
        strips.into_iter().flat_map(|(runs, vals)| runs.iter().flatten().zip(vals.iter().flatten()))
    }
}

impl Second {
    pub(super) fn new(w: &Witness, ch: [Fr; 5]) -> Self {
        let [sigma, theta, rho, beta, gamma] = ch;
        let pair_inv = pairs(w, beta, gamma);
        let sums = sums(w, beta, pair_inv.as_ref());
        let products = match w.params.0.lora {
            None => dense(w, sigma, theta, rho),
            Some(_) => adapters(w, [sigma, theta, rho, gamma]),
        };
        Self { sigma, theta, rho, gamma, sums, pair_inv, products }
    }

    /// Assigns phase 2.
    pub fn assign(&self, w: &Witness, cf: &WindowConfig, put: &mut Put<'_>) {
        let lay = &w.params.1;
        for (col, cells) in cf.sums.iter().zip(&self.sums) {
            for (row, v) in cells.iter().enumerate() {
                put(*col, row, *v);
            }
        }
        if let (Some(cols), Some(cells)) = (&cf.pair_inv, &self.pair_inv) {
            for (col, cells) in cols.iter().zip(cells) {
                for (row, v) in cells.iter().enumerate() {
                    if *v != Fr::ZERO {
                        put(*col, row, *v);
                    }
                }
            }
        }
        for (run, [a, b]) in self.products.placed(lay) {
            let mut ip = Fr::ZERO;
            for i in (0..run.len).rev() {
                let row = run.row(i);
                ip += a[i] * b[i];
                put(cf.vectors[0], row, a[i]);
                put(cf.vectors[1], row, b[i]);
                put(cf.inner, row, ip);
            }
        }
    }
}

/// u = X^T rho, v = W^T sigma; d = delta^T rho, s = W theta; v and s follow the weights through the window.
fn dense(w: &Witness, sigma: Fr, theta: Fr, rho: Fr) -> Products {
    let (spec, lay) = &*w.params;
    let mut out = Products { free: vec![Default::default()], ..Products::default() };
    let eta = signed(w.eta);
    let rhos = powers(rho, spec.batch);
    for (l, layer) in spec.layers.iter().enumerate() {
        let (mi, mo) = (layer.inputs, layer.outputs);
        let m = lay.matrix(l, Part::Kernel).expect("kernel");
        let (sig, the) = (powers(sigma, mo), powers(theta, mi));
        let (mut v, mut s) = ends(&w.w0[m.offset..], &sig, &the, l > 0);
        out.free[0][0].push(v.clone());
        out.free[0][1].push(lay.matrix(l, Part::Bias).map_or(vec![], |m| ends(&w.w0[m.offset..], &sig, &[Fr::ONE], false).0));
        let (mut fw, mut bw) = (vec![], vec![]);
        for tr in &w.traces {
            let tr = &tr.layers[l];
            let (v1, s1) = moved(&v, &s, eta, [&tr.delta, &tr.input], &sig, &the, l > 0);
            fw.push([mixed(&tr.input, mi, &rhos), std::mem::replace(&mut v, v1)]);
            if l > 0 {
                bw.push([mixed(&tr.delta, mo, &rhos), std::mem::replace(&mut s, s1)]);
            }
        }
        out.forward.push(fw);
        out.backward.push(bw);
        out.adapter_forward.push(vec![]);
        out.adapter_backward.push(vec![]);
    }
    out
}

/// The same with frozen kernels and adapters: `v = 2^k W^T sigma + gamma A^T sigma`, `s = 2^k W theta + gamma B' theta`.
fn adapters(w: &Witness, [sigma, theta, rho, gamma]: [Fr; 4]) -> Products {
    let (spec, lay) = &*w.params;
    let mut out = Products { free: vec![Default::default(); if lay.updates.is_some() { spec.steps } else { 1 }], ..Products::default() };
    let rhos = powers(rho, spec.batch);
    let scale = Fr::from(1u64 << spec.base_bits().map_or(0, |bits| spec.scales.w() - bits));
    // The trained weights before each step, where the steps are not linear.
    let stepped: Vec<Vec<i64>> = w.traces.iter().filter_map(|t| t.update.as_ref()).map(|u| u.entries.iter().map(|e| e.weight).collect()).collect();
    for (l, layer) in spec.layers.iter().enumerate() {
        let (mi, mo) = (layer.inputs, layer.outputs);
        let above = l > spec.lowest();
        let (sig, the) = (powers(sigma, mo), powers(theta, mi));
        let (v0, s0) = lay.frozen(l, Part::Kernel).map_or((vec![], vec![]), |m| {
            let (v, s) = ends(&w.base[m.offset..], &sig, &the, above);
            (scaled(v, scale), scaled(s, scale))
        });
        let [mut fw, mut bw, mut afw, mut abw] = [(); 4].map(|_| vec![]);
        let Some(adapter) = spec.adapter(l) else {
            for tr in w.traces.iter().map(|t| &t.layers[l]) {
                fw.push([mixed(&tr.input, mi, &rhos), v0.clone()]);
                if above {
                    bw.push([mixed(&tr.delta, mo, &rhos), s0.clone()]);
                }
            }
            out.push(fw, bw, afw, abw);
            out.free.iter_mut().flatten().for_each(|f| f.push(vec![]));
            continue;
        };
        // A and B' at their ends, from the trained weights.
        let of = |weights: &[i64], part: Part, rows: usize, cols: usize, back: bool| {
            let m = lay.matrix(l, part).expect("an adapter has A and B'");
            ends(&weights[m.offset..], &sig[..rows], &the[..cols], back)
        };
        let both = |weights: &[i64]| (of(weights, Part::A, adapter.rank, mi, above), of(weights, Part::B, mo, adapter.rank, true));
        let ((mut va, mut sa), (mut vb, mut sb)) = both(&w.w0);
        // The executor has checked that the rate of B' is an integer.
        let (eta, eta_b) = (signed(w.eta), signed(adapter.eta(w.eta).unwrap_or(0)));
        for (t, tr) in w.traces.iter().map(|t| &t.layers[l]).enumerate() {
            if let Some(weights) = stepped.get(t) {
                ((va, sa), (vb, sb)) = both(weights);
            }
            if let Some(free) = out.free.get_mut(t) {
                free[0].push(va.clone());
                free[1].push(vb.clone());
            }
            let unit = tr.adapter.as_ref().expect("the executor traces every adapter");
            fw.push([mixed(&tr.input, mi, &rhos), sum(gamma, &v0, &va)]);
            bw.push([mixed(&tr.delta, mo, &rhos), sum(gamma, &s0, &sb)]);
            afw.push([mixed(&unit.z, adapter.rank, &rhos), vb.clone()]);
            if above {
                abw.push([mixed(&unit.g, adapter.rank, &rhos), sa.clone()]);
            }
            if stepped.is_empty() {
                (va, sa) = moved(&va, &sa, eta, [&unit.g, &tr.input], &sig[..adapter.rank], &the, above);
                (vb, sb) = moved(&vb, &sb, eta_b, [&tr.delta, &unit.z], &sig, &the[..adapter.rank], true);
            }
        }
        out.push(fw, bw, afw, abw);
    }
    out
}

/// `frozen + gamma trained`, where either may be missing.
fn sum(gamma: Fr, frozen: &[Fr], trained: &[Fr]) -> Vec<Fr> {
    match (frozen, trained) {
        ([], t) => t.iter().map(|t| gamma * t).collect(),
        (f, []) => f.to_vec(),
        (f, t) => f.iter().zip(t).map(|(f, t)| *f + gamma * t).collect(),
    }
}

fn scaled(mut v: Vec<Fr>, by: Fr) -> Vec<Fr> {
    v.iter_mut().for_each(|x| *x *= by);
    v
}

impl Products {
    fn push(&mut self, forward: Vec<Pair>, backward: Vec<Pair>, adapter_forward: Vec<Pair>, adapter_backward: Vec<Pair>) {
        self.forward.push(forward);
        self.backward.push(backward);
        self.adapter_forward.push(adapter_forward);
        self.adapter_backward.push(adapter_backward);
    }
}

/// `M^T x` and, where wanted, `M y` of a matrix with as many rows as x has entries and as many columns as y.
fn ends(m: &[i64], x: &[Fr], y: &[Fr], back: bool) -> (Vec<Fr>, Vec<Fr>) {
    let (mut v, mut s) = (vec![Fr::ZERO; y.len()], vec![Fr::ZERO; x.len()]);
    for (i, row) in m.chunks(y.len()).take(x.len()).enumerate() {
        for (j, w) in row.iter().enumerate() {
            let w = signed(*w);
            v[j] += x[i] * w;
            if back {
                s[i] += y[j] * w;
            }
        }
    }
    (v, s)
}

/// `T^T rho` of a tensor `[sample][width]`.
fn mixed(t: &[i64], width: usize, rhos: &[Fr]) -> Vec<Fr> {
    let mut out = vec![Fr::ZERO; width];
    for (row, rho) in t.chunks(width).zip(rhos) {
        for (o, v) in out.iter_mut().zip(row).filter(|(_, v)| **v != 0) {
            *o += *rho * signed(*v);
        }
    }
    out
}

/// v and s after `M -= rate left^T right`, with left `[sample][x.len()]`, right `[sample][y.len()]`.
fn moved(v: &[Fr], s: &[Fr], rate: Fr, [left, right]: [&[i64]; 2], x: &[Fr], y: &[Fr], back: bool) -> (Vec<Fr>, Vec<Fr>) {
    let (mut v, mut s) = (v.to_vec(), s.to_vec());
    let at = |row: &[i64], x: &[Fr]| rate * row.iter().zip(x).filter(|(v, _)| **v != 0).map(|(v, x)| signed(*v) * x).sum::<Fr>();
    for (left, right) in left.chunks(x.len()).zip(right.chunks(y.len())) {
        let c = at(left, x);
        for (v, r) in v.iter_mut().zip(right).filter(|(_, r)| **r != 0) {
            *v -= c * signed(*r);
        }
        if back {
            let c = at(right, y);
            for (s, l) in s.iter_mut().zip(left).filter(|(_, l)| **l != 0) {
                *s -= c * signed(*l);
            }
        }
    }
    (v, s)
}
