//! One running sum for both look-ups (logUp): chunks in the range table, addends in the points' tables.

use super::{adv, fix, horner, int, E};
use crate::block::{MULTIPLICITY_ROW, M_ROW, ORIGIN};
use crate::cell::POINT_LIMBS;
use crate::config::{ChipConfig, LOOKUPS};
use crate::limbs::CHUNK_BITS;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{ConstraintSystem, VirtualCells};

/// The six chunks of a row: the highest of a limb is what the others leave of it.
fn chunks(config: &ChipConfig, v: &mut VirtualCells<'_, Fr>) -> [E; LOOKUPS] {
    let a = config.a.map(|c| adv(v, c, 0));
    let l = config.l.map(|c| adv(v, c, 0));
    let shift = Fr::from(1 << CHUNK_BITS);
    let down = shift.square().invert().expect("not zero");
    let high = |l: &E, low: &E, middle: &E| (l.clone() - low.clone() - middle.clone() * shift) * down;
    [a[0].clone(), a[1].clone(), high(&l[0], &a[0], &a[1]), a[2].clone(), a[3].clone(), high(&l[1], &a[2], &a[3])]
}

impl ChipConfig {
    pub(super) fn lookup_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        let last = self.sums[self.sums.len() - 1];
        cs.create_gate("addends and tables", |v| {
            let q = self.flag(v, self.fx.range);
            let (gamma, beta) = (v.query_challenge(self.gamma), v.query_challenge(self.beta));
            // gamma + beta (key + beta m + beta^2 x_0 + ... + beta^11 y_4 + beta^12): the last term keeps addends and chunks apart.
            let key = fix(v, self.fx.key, 0);
            let m = adv(v, self.t, M_ROW - ORIGIN);
            let limbs: Vec<E> = (0..POINT_LIMBS as i32).map(|j| adv(v, self.t, j - ORIGIN)).collect();
            let tuple = gamma + horner(&beta, [int(0), key, m].into_iter().chain(limbs).chain([int(1)]).collect::<Vec<_>>());
            let multiplicity = adv(v, self.t, MULTIPLICITY_ROW - ORIGIN);
            let numerator = fix(v, self.fx.slope, 0) - fix(v, self.fx.load, 0) * multiplicity;
            vec![q * (adv(v, self.inverse, 0) * tuple - numerator)]
        });
        cs.create_gate("running sum", |v| {
            let (q, gamma) = (self.flag(v, self.fx.range), v.query_challenge(self.gamma));
            let chunks = chunks(self, v);
            let (table, part) = (fix(v, self.fx.table, 0), 1 << CHUNK_BITS);
            let (tables, lookups) = self.sums.split_at(self.m.len());
            let mut before = adv(v, last, -1) + adv(v, self.inverse, 0);
            let mut out = vec![];
            // The parts of the range table lie beside each other: all entries are the first part's, plus a constant.
            for (i, (m, column)) in self.m.iter().zip(tables).enumerate() {
                let first = int((i * part / self.m.len()) as u128);
                let sum = adv(v, *column, 0);
                let entry = if i == 0 { table.clone() } else { table.clone() + first };
                let term = (sum.clone() - before) * (gamma.clone() + entry) + adv(v, *m, 0);
                out.push(q.clone() * term);
                before = sum;
            }
            for (chunk, column) in chunks.into_iter().zip(lookups) {
                let sum = adv(v, *column, 0);
                out.push(q.clone() * ((sum.clone() - before) * (gamma.clone() + chunk) - int(1)));
                before = sum;
            }
            out
        });
        cs.create_gate("the running sum is 0 at both ends", |v| {
            let [before, after] = [-1, 1].map(|i| fix(v, self.fx.range, i));
            let q = self.flag(v, self.fx.range);
            let (start, end) = (adv(v, last, -1), adv(v, last, 0));
            vec![q.clone() * (int(1) - before) * start, q * (int(1) - after) * end]
        });
    }
}
