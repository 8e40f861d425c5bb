//! One running sum for both look-ups (logUp): chunks in the range table, addends in the points' tables.

use super::{adv, fix, horner, int, E};
use crate::block::{t_cell, Gate, M, MULTIPLICITY, ORIGIN};
use crate::cell::POINT_LIMBS;
use crate::config::{ChipConfig, LANES, LOOKUPS, SUMS, TABLES};
use crate::layout::TABLE_ROWS;
use crate::limbs::CHUNK_BITS;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{ConstraintSystem, VirtualCells};

/// What a row adds to the running sum.
struct Term {
    /// 0 outside of the running sum's rows.
    numerator: E,
    denominator: E,
}

/// The chunks of a row, lane by lane: the highest of a limb is what the others leave of it.
fn chunks(config: &ChipConfig, v: &mut VirtualCells<'_, Fr>) -> [E; LOOKUPS] {
    let shift = Fr::from(1 << CHUNK_BITS);
    let down = shift.square().invert().expect("not zero");
    let lanes: [[E; 3]; LANES] = std::array::from_fn(|lane| {
        let [low, middle] = [2 * lane, 2 * lane + 1].map(|i| adv(v, config.a[i], 0));
        let high = (adv(v, config.l[lane], 0) - low.clone() - middle.clone() * shift) * down;
        [low, middle, high]
    });
    std::array::from_fn(|i| lanes[i / 3][i % 3].clone())
}

impl ChipConfig {
    /// A cell of the block that this row is the origin of.
    fn block_cell(&self, v: &mut VirtualCells<'_, Fr>, cell: usize) -> E {
        let (column, row) = t_cell(cell);
        adv(v, self.t[column], row - ORIGIN)
    }

    /// An addend or an entry: `1 / tuple` where a block has a slope, less `multiplicity / tuple` where it is an entry.
    fn tuple(&self, v: &mut VirtualCells<'_, Fr>) -> Term {
        let (gamma, beta) = (v.query_challenge(self.gamma), v.query_challenge(self.beta));
        // gamma + beta (key + beta m + beta^2 x_0 + ... + beta^11 y_4 + beta^12): the last term keeps addends and chunks apart.
        let cells: Vec<E> = [M].into_iter().chain(0..POINT_LIMBS).map(|cell| self.block_cell(v, cell)).collect();
        let key = fix(v, self.fx.key, 0);
        let denominator = gamma + horner(&beta, [int(0), key].into_iter().chain(cells).chain([int(1)]).collect::<Vec<_>>());
        let (slope, load) = (self.block(v, Gate::Slope), self.block(v, Gate::Load));
        Term { numerator: slope - load * self.block_cell(v, MULTIPLICITY), denominator }
    }

    /// All terms of a row, in the order of the running sum.
    fn terms(&self, v: &mut VirtualCells<'_, Fr>) -> [Term; 2 * SUMS] {
        let (range, gamma, table) = (self.range(v), v.query_challenge(self.gamma), fix(v, self.fx.table, 0));
        // The parts of the range table lie beside each other: all entries are the first part's, plus a constant.
        let entries = (0..TABLES).map(|part| gamma.clone() + table.clone() + int((part * TABLE_ROWS) as u128));
        let mut parts: Vec<Term> =
            entries.zip(self.m).map(|(denominator, m)| Term { numerator: -(range.clone() * adv(v, m, 0)), denominator }).collect();
        let chunks = chunks(self, v).map(|chunk| Term { numerator: range.clone(), denominator: gamma.clone() + chunk });
        parts.insert(1, self.tuple(v));
        let terms: Vec<Term> = parts.into_iter().chain(chunks).collect();
        terms.try_into().unwrap_or_else(|_| unreachable!("two a column"))
    }

    pub(super) fn lookup_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        let last = self.sums[SUMS - 1];
        cs.create_gate("running sum", |v| {
            let (range, terms) = (self.range(v), self.terms(v));
            let mut before = adv(v, last, -1);
            let mut out = vec![];
            for (pair, column) in terms.chunks_exact(2).zip(self.sums) {
                let [a, b] = pair else { unreachable!("pairs") };
                let sum = adv(v, column, 0);
                let left = range.clone() * (sum.clone() - before) * a.denominator.clone() * b.denominator.clone();
                let left = left - a.numerator.clone() * b.denominator.clone() - b.numerator.clone() * a.denominator.clone();
                out.push(("two terms more", left));
                before = sum;
            }
            out
        });
        cs.create_gate("the running sum is 0 at both ends", |v| {
            let [before, after] = [-1, 1].map(|i| fix(v, self.fx.range, i));
            let q = self.range(v);
            let (start, end) = (adv(v, last, -1), adv(v, last, 0));
            vec![("at the start", q.clone() * (int(1) - before) * start), ("at the end", q * (int(1) - after) * end)]
        });
    }
}
