//! Phase 2: look-up sums, and the vectors of the matrix products at sigma, theta, rho.

use super::{powers, signed, Put, Witness};
use crate::circuit::pair_table;
use crate::config::WindowConfig;
use crate::layout::Run;
use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;

/// Cells of phase 2 and what phase 3 needs of it.
pub struct Second {
    pub sigma: Fr,
    pub theta: Fr,
    pub rho: Fr,
    /// `[column][row]`
    pub sums: Vec<Vec<Fr>>,
    pub pair_inv: Option<[Vec<Fr>; 2]>,
    /// `[layer][step]`: (u, v) and (d, s).
    pub forward: Vec<Vec<[Vec<Fr>; 2]>>,
    pub backward: Vec<Vec<[Vec<Fr>; 2]>>,
}

impl Second {
    pub(super) fn new(w: &Witness, ch: [Fr; 5]) -> Self {
        let [sigma, theta, rho, beta, gamma] = ch;
        let pair_inv = pairs(w, beta, gamma);
        let sums = sums(w, beta, pair_inv.as_ref());
        let (forward, backward) = products(w, sigma, theta, rho);
        Self { sigma, theta, rho, sums, pair_inv, forward, backward }
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
        let mut strip = |run: &Run, [a, b]: &[Vec<Fr>; 2]| {
            let mut ip = Fr::ZERO;
            for i in (0..run.len).rev() {
                let row = run.row(i);
                ip += a[i] * b[i];
                put(cf.vectors[0], row, a[i]);
                put(cf.vectors[1], row, b[i]);
                put(cf.inner, row, ip);
            }
        };
        for (runs, vals) in lay.forward.iter().zip(&self.forward).chain(lay.backward.iter().zip(&self.backward)) {
            for (run, v) in runs.iter().zip(vals) {
                strip(run, v);
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
            rows.push((o.row(i) + 1, crate::circuit::LOW_TAG));
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
    running_sums(beta, &inv, &w.mult, lay.look_end, &[&w.data[..], &w.deviation, &w.trace].concat_refs(), pair)
}

/// Concatenates slices of columns by reference.
trait ConcatRefs<'a> {
    fn concat_refs(&self) -> Vec<&'a [u32]>;
}
impl<'a> ConcatRefs<'a> for [&'a [Vec<u32>]; 3] {
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

type Products = Vec<Vec<[Vec<Fr>; 2]>>;

/// u = X^T rho, v = W^T sigma; d = delta^T rho, s = W theta; v and s follow the weights through the window.
fn products(w: &Witness, sigma: Fr, theta: Fr, rho: Fr) -> (Products, Products) {
    let (spec, lay) = &*w.params;
    let (mut forward, mut backward) = (vec![], vec![]);
    let eta = signed(w.eta);
    let rhos = powers(rho, spec.batch);
    for (l, layer) in spec.layers.iter().enumerate() {
        let (mi, mo) = (layer.inputs, layer.outputs);
        let m = lay.matrices.iter().find(|m| m.layer == l && !m.bias).expect("kernel");
        let (sig, the) = (powers(sigma, mo), powers(theta, mi));
        let (mut v, mut s) = (vec![Fr::ZERO; mi], vec![Fr::ZERO; mo]);
        for i in 0..mo {
            for j in 0..mi {
                let x = signed(w.w0[m.offset + i * mi + j]);
                v[j] += sig[i] * x;
                if l > 0 {
                    s[i] += the[j] * x;
                }
            }
        }
        let (mut fw, mut bw) = (vec![], vec![]);
        for tr in &w.traces {
            let tr = &tr.layers[l];
            let (mut u, mut d) = (vec![Fr::ZERO; mi], vec![Fr::ZERO; mo]);
            let (mut v1, mut s1) = (v.clone(), s.clone());
            for b in 0..spec.batch {
                let x: Vec<Fr> = tr.input[b * mi..][..mi].iter().map(|x| signed(*x)).collect();
                let del: Vec<Fr> = tr.delta[b * mo..][..mo].iter().map(|x| signed(*x)).collect();
                let d_sigma: Fr = eta * del.iter().zip(&sig).map(|(a, b)| a * b).sum::<Fr>();
                for j in 0..mi {
                    if x[j] != Fr::ZERO {
                        u[j] += rhos[b] * x[j];
                        v1[j] -= d_sigma * x[j];
                    }
                }
                if l > 0 {
                    let x_theta: Fr = eta * x.iter().zip(&the).map(|(a, b)| a * b).sum::<Fr>();
                    for i in 0..mo {
                        d[i] += rhos[b] * del[i];
                        s1[i] -= x_theta * del[i];
                    }
                }
            }
            fw.push([u, std::mem::replace(&mut v, v1)]);
            if l > 0 {
                bw.push([d, std::mem::replace(&mut s, s1)]);
            }
        }
        forward.push(fw);
        backward.push(bw);
    }
    (forward, backward)
}
