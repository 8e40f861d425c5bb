//! Phase 2: the running sums of the look-ups.

use super::Witness;
use crate::tables::{pair_table, LOW_TAG};
use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;

/// Inverses of looked-up pairs, and of the table's pairs times their multiplicity.
pub(super) fn pairs(w: &Witness, beta: Fr, gamma: Fr) -> Option<[Vec<Fr>; 2]> {
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
pub(super) fn sums(w: &Witness, beta: Fr, pair: Option<&[Vec<Fr>; 2]>) -> Vec<Vec<Fr>> {
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
