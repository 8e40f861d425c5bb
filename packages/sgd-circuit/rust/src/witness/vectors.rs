//! Phase 2: look-up sums, and the vectors of the matrix products at sigma, theta, rho.

use super::{powers, signed, Put, Witness};
use crate::config::WindowConfig;
use crate::layout::{Layout, Run};
use crate::spec::Part;
use crate::tables::{pair_table, LOW_TAG};
use ff::{BatchInvert, Field};
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

/// Inverses of looked-up pairs, and of the table's pairs times their multiplicity.
fn pairs(w: &Witness, beta: Fr, gamma: Fr) -> Option<[Vec<Fr>; 2]> {
    let (spec, lay) = &*w.params;
    if !spec.softmax() {
        return None;
    }
    let base = beta + gamma * gamma;
    let table = pair_table(spec);
    let mut inv: Vec<Fr> = table.iter().map(|(k, v)| base + Fr::from(*k) + gamma * Fr::from(*v)).collect();
    inv.iter_mut().batch_invert();
    let mut listed = vec![Fr::ZERO; lay.look_end + 1];
    for (i, (v, m)) in inv.iter().zip(&w.pair_mult).enumerate() {
        listed[1 + i] = *v * Fr::from(u64::from(*m));
    }
    let mut used = vec![Fr::ZERO; lay.look_end + 1];
    let mut rows = vec![];
    for o in &lay.outputs {
        for i in 0..o.len {
            rows.push((o.row(i), 0));
            rows.push((o.row(i) + 1, LOW_TAG));
        }
    }
    let mut den: Vec<Fr> = rows
        .iter()
        .map(|(r, tag)| base + Fr::from(u64::from(w.trace[0][*r])) + Fr::from(*tag) + gamma * Fr::from(u64::from(w.trace[1][*r])))
        .collect();
    den.iter_mut().batch_invert();
    for ((r, _), v) in rows.iter().zip(den) {
        used[*r] = v;
    }
    Some([used, listed])
}

/// The running sum of the range look-ups, a column a term.
fn sums(w: &Witness, beta: Fr, pair: Option<&[Vec<Fr>; 2]>) -> Vec<Vec<Fr>> {
    let (spec, lay) = &*w.params;
    let mut inv: Vec<Fr> = (0..1u64 << spec.scales.b).map(|v| beta + Fr::from(v)).collect();
    inv.iter_mut().batch_invert();
    running_sums(beta, &inv, &w.mult, lay.look_end, &[&w.data[..], &w.deviation, &w.update, &w.trace].concat_refs(), pair)
}

/// Concatenates slices of columns by reference.
trait ConcatRefs<'a> {
    fn concat_refs(&self) -> Vec<&'a [u32]>;
}
impl<'a> ConcatRefs<'a> for [&'a [Vec<u32>]; 4] {
    fn concat_refs(&self) -> Vec<&'a [u32]> {
        self.iter().flat_map(|g| g.iter().map(|c| &c[..])).collect()
    }
}

/// `sums[0]` takes the table's term, `sums[1 + c]` column c's.
pub(crate) fn running_sums(beta: Fr, inv: &[Fr], mult: &[u32], look_end: usize, cols: &[&[u32]], pair: Option<&[Vec<Fr>; 2]>) -> Vec<Vec<Fr>> {
    let mut out = vec![vec![Fr::ZERO; look_end + 1]; cols.len() + 1];
    let mut s = Fr::ZERO;
    for row in 1..=look_end {
        if let Some(m) = mult.get(row - 1) {
            s -= inv[row - 1] * Fr::from(u64::from(*m));
        }
        if let Some([used, listed]) = pair {
            s += used[row] - listed[row];
        }
        out[0][row] = s;
        for (c, col) in cols.iter().enumerate() {
            // A value outside the table has an inverse too; the sum then does not end at zero.
            s += inv.get(col[row] as usize).copied().unwrap_or_else(|| (beta + Fr::from(u64::from(col[row]))).invert().unwrap_or(Fr::ZERO));
            out[c + 1][row] = s;
        }
    }
    out
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
    let sum = |frozen: &[Fr], trained: &[Fr]| match (frozen, trained) {
        ([], t) => t.iter().map(|t| gamma * t).collect::<Vec<_>>(),
        (f, []) => f.to_vec(),
        (f, t) => f.iter().zip(t).map(|(f, t)| *f + gamma * t).collect(),
    };
    // The trained weights before each step, where the steps are not linear.
    let stepped: Vec<Vec<i64>> = w.traces.iter().filter_map(|t| t.update.as_ref()).map(|u| u.entries.iter().map(|e| e.weight).collect()).collect();
    for (l, layer) in spec.layers.iter().enumerate() {
        let (mi, mo) = (layer.inputs, layer.outputs);
        let above = l > spec.lowest();
        let (sig, the) = (powers(sigma, mo), powers(theta, mi));
        let (mut v0, mut s0) = (vec![], vec![]);
        if let Some(m) = lay.frozen(l, Part::Kernel) {
            (v0, s0) = ends(&w.base[m.offset..], &sig, &the, above);
            v0.iter_mut().chain(&mut s0).for_each(|x| *x *= scale);
        }
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
            fw.push([mixed(&tr.input, mi, &rhos), sum(&v0, &va)]);
            bw.push([mixed(&tr.delta, mo, &rhos), sum(&s0, &sb)]);
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
