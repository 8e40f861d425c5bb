//! Phase 3: evaluations of the weights, trained and frozen.

use super::{powers, signed, Second, Witness};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

/// The same in an optimiser's blocks: W + omega G of each step at (sigma, tau), W at (tau, theta).
pub(super) fn stepped(w: &Witness, s: &Second, tau: Fr, omega: Fr) -> Vec<Vec<Fr>> {
    let (spec, lay) = &*w.params;
    let groups = 1 + usize::from(lay.matrices.iter().any(|m| m.backward));
    let mut out = vec![vec![Fr::ZERO; lay.limit]; groups];
    let lanes = lay.updates.as_ref().map_or(1, |u| u.lanes);
    let (taus, thetas) = (powers(tau, lanes + 1), powers(s.theta, lanes + 1));
    for (shift, update) in lay.copies(spec).zip(w.traces.iter().filter_map(|t| t.update.as_ref())) {
        for m in &lay.matrices {
            let mut folded = [Fr::ZERO; 2];
            for i in (0..m.rows).rev() {
                let row = &update.entries[m.offset + i * m.cols..][..m.cols];
                let mut acc = [Fr::ZERO; 2];
                for (chunk, entries) in row.chunks(lanes).enumerate().rev() {
                    let mut sum = [Fr::ZERO; 2];
                    for (j, e) in entries.iter().enumerate() {
                        let weight = signed(e.weight);
                        sum[0] += taus[j] * (weight + omega * signed(e.gradient));
                        if m.backward {
                            sum[1] += thetas[j] * weight;
                        }
                    }
                    acc = [acc[0] * taus[lanes] + sum[0], acc[1] * thetas[lanes] + sum[1]];
                    if chunk == 0 {
                        folded = [folded[0] * s.sigma + acc[0], folded[1] * tau + acc[1]];
                        acc = folded;
                    }
                    let row = m.row(i, chunk) + shift;
                    out[0][row] = acc[0];
                    if m.backward {
                        out[1][row] = acc[1];
                    }
                }
            }
        }
    }
    out
}

/// W_0 + omega W_K (less the deviation) at (sigma, tau), and W_0 of the matrices of backward products at (tau, theta).
pub(super) fn weights(w: &Witness, s: &Second, tau: Fr, omega: Fr) -> Vec<Vec<Fr>> {
    let (spec, lay) = &*w.params;
    let c = lay.shape.weight_columns;
    let n = spec.tolerance_limbs;
    let groups = 1 + usize::from(lay.matrices.iter().any(|m| m.backward));
    let mut out = vec![vec![Fr::ZERO; lay.limit]; groups];
    let (taus, thetas) = (powers(tau, c + 1), powers(s.theta, c + 1));
    for m in &lay.matrices {
        let mut folded = [Fr::ZERO; 2];
        for i in (0..m.rows).rev() {
            let mut acc = [Fr::ZERO; 2];
            for chunk in (0..m.chunks).rev() {
                let row = m.row(i, chunk);
                let mut sum = [Fr::ZERO; 2];
                for j in 0..c {
                    let at = chunk * c + j;
                    let w0 = signed(w.weight(0, m, i, at));
                    let mut dev = Fr::ZERO;
                    if n > 0 {
                        let b = spec.scales.b as usize;
                        let e = (0..n).map(|k| i64::from(w.deviation[j * n + k][row]) << (b * k)).sum::<i64>() - (1i64 << (b * n - 1));
                        dev = signed(e);
                    }
                    sum[0] += taus[j] * (w0 + omega * (signed(w.weight(1, m, i, at)) - dev));
                    if m.backward {
                        sum[1] += thetas[j] * w0;
                    }
                }
                acc = [acc[0] * taus[c] + sum[0], acc[1] * thetas[c] + sum[1]];
                if chunk == 0 {
                    folded = [folded[0] * s.sigma + acc[0], folded[1] * tau + acc[1]];
                    acc = folded;
                }
                out[0][row] = acc[0];
                if m.backward {
                    out[1][row] = acc[1];
                }
            }
        }
    }
    out
}

/// The frozen base at (sigma, tau), and its kernels of backward products at (tau, theta).
pub(super) fn base(w: &Witness, s: &Second, tau: Fr) -> Vec<Vec<Fr>> {
    let lay = &w.params.1;
    let c = lay.shape.base_columns;
    let mut out = vec![];
    for (group, (x, y)) in [(s.sigma, tau), (tau, s.theta)].into_iter().enumerate() {
        let matrices = || lay.base.iter().filter(|m| group == 0 || m.backward);
        if matrices().next().is_none() {
            break;
        }
        let mut cells = vec![Fr::ZERO; lay.limit];
        let pow = powers(y, c + 1);
        for m in matrices() {
            let mut folded = Fr::ZERO;
            for i in (0..m.rows).rev() {
                let mut acc = Fr::ZERO;
                for chunk in (0..m.chunks).rev() {
                    acc = acc * pow[c] + (0..c).map(|j| pow[j] * signed(w.frozen(m, i, chunk * c + j))).sum::<Fr>();
                    if chunk == 0 {
                        folded = folded * x + acc;
                        acc = folded;
                    }
                    cells[m.row(i, chunk)] = acc;
                }
            }
        }
        out.push(cells);
    }
    out
}
