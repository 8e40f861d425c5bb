//! The range lookup (logUp): every cell of the columns looked up lies in `[0, 2^b)`.
//!
//! `sum_next - sum = 1/(beta + v)` for each cell, `-m/(beta + t)` for the table, one column of running sums a term. The sum is 0
//! before the first row and after the last, and every row between is selected (docs/operators/circuit.md, section 4). Where pairs are
//! looked up, the table's term has their inverses too.

use super::algebra::E;
use super::gates::{advice, challenge, fixed, Gates};
use super::pairs::PairLookup;
use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, FirstPhase, Fixed, SecondPhase};

/// Columns of the lookup; the columns that are looked up belong to others.
#[derive(Clone, Debug)]
pub struct RangeLookup {
    pub multiplicities: Column<Advice>,
    /// The table's term, then one a column.
    pub sums: Vec<Column<Advice>>,
    /// The table's entries, the rows looked up, row 0, and the row after which the sum is 0.
    pub table: Column<Fixed>,
    pub rows: Column<Fixed>,
    pub first: Column<Fixed>,
    pub last: Column<Fixed>,
    /// Of pairs, and of triples, where there are any.
    pub pairs: Vec<PairLookup>,
    /// Inverses of other lookups, which the running sum takes too: of what is looked up, and of what is listed.
    pub others: [Vec<Column<Advice>>; 2],
}

impl RangeLookup {
    /// Columns of the first phase.
    pub fn multiplicities(cs: &mut ConstraintSystem<Fr>) -> Column<Advice> {
        cs.advice_column_in(FirstPhase)
    }
    /// All others; `columns` are looked up. Of pairs, and of triples, their multiplicities and their cells.
    pub fn new(
        cs: &mut ConstraintSystem<Fr>,
        multiplicities: Column<Advice>,
        columns: usize,
        pairs: Vec<(Column<Advice>, Vec<Column<Advice>>)>,
    ) -> Self {
        let sums = (0..=columns).map(|_| cs.advice_column_in(SecondPhase)).collect();
        let [table, rows, first, last] = [(); 4].map(|_| cs.fixed_column());
        let pairs = pairs.into_iter().map(|(multiplicities, cells)| PairLookup::new(cs, multiplicities, cells)).collect();
        Self { multiplicities, sums, table, rows, first, last, pairs, others: [vec![], vec![]] }
    }

    pub fn gates(&self, gates: &mut Gates<'_>, columns: &[Column<Advice>], beta: Challenge) {
        let total = *self.sums.last().expect("the table's at least");
        gates.add("range lookup", |v| {
            let (q, beta) = (fixed(v, self.rows), challenge(v, beta));
            let mut before = advice(v, total, -1);
            let mut sum = advice(v, self.sums[0], 0);
            let mut step = sum.clone() - before;
            for pairs in &self.pairs {
                step = step - advice(v, pairs.used, 0) + advice(v, pairs.listed, 0);
            }
            let [used, listed] = &self.others;
            step = used.iter().fold(step, |step, c| step - advice(v, *c, 0));
            step = listed.iter().fold(step, |step, c| step + advice(v, *c, 0));
            let entry = step * (beta.clone() + fixed(v, self.table)) + advice(v, self.multiplicities, 0);
            let mut out = vec![("the table's entry", q.clone() * entry)];
            for (column, next) in columns.iter().zip(&self.sums[1..]) {
                before = std::mem::replace(&mut sum, advice(v, *next, 0));
                let cell = (sum.clone() - before) * (beta.clone() + advice(v, *column, 0)) - E::Constant(Fr::ONE);
                out.push(("a column's cell", q.clone() * cell));
            }
            out
        });
        gates.add("range lookup's ends", |v| {
            let (first, last, sum) = (fixed(v, self.first), fixed(v, self.last), advice(v, total, 0));
            vec![("zero before the first row", first * sum.clone()), ("zero after the last row", last * sum)]
        });
    }

    /// Tables and selectors, for rows 1 to `last`.
    pub fn assign_fixed(&self, limb_bits: u32, last: usize, put: &mut dyn FnMut(Column<Fixed>, usize, Fr)) {
        (1..=last).for_each(|row| put(self.rows, row, Fr::ONE));
        put(self.first, 0, Fr::ONE);
        put(self.last, last, Fr::ONE);
        (0..1u64 << limb_bits).for_each(|v| put(self.table, 1 + v as usize, Fr::from(v)));
    }
}

/// How often each entry of the table stands in rows 1 to `last` of the columns.
pub fn multiplicities(limb_bits: u32, last: usize, columns: &[&[i64]]) -> Vec<u64> {
    let mut out = vec![0; 1 << limb_bits];
    for v in columns.iter().flat_map(|c| &c[1..=last]) {
        if let Some(m) = usize::try_from(*v).ok().and_then(|v| out.get_mut(v)) {
            *m += 1;
        }
    }
    out
}

/// The running sums, a column a term, of rows 0 to `last`. A cell outside the table has an inverse too: the sum then does not end at 0.
/// Pairs bring their inverses: of those looked up, and of the tables'.
pub fn sums(beta: Fr, multiplicities: &[u64], last: usize, columns: &[&[i64]], pairs: &[&[Vec<Fr>; 2]]) -> Vec<Vec<Fr>> {
    let mut table: Vec<Fr> = (0..multiplicities.len() as u64).map(|v| beta + Fr::from(v)).collect();
    table.iter_mut().batch_invert();
    let inverse = |v: i64| {
        let listed = usize::try_from(v).ok().and_then(|v| table.get(v)).copied();
        listed.unwrap_or_else(|| (beta + super::algebra::signed(v.into())).invert().unwrap_or(Fr::ZERO))
    };
    let mut out = vec![vec![Fr::ZERO; last + 1]; columns.len() + 1];
    let mut sum = Fr::ZERO;
    for row in 1..=last {
        if let Some(m) = multiplicities.get(row - 1) {
            sum -= table[row - 1] * Fr::from(*m);
        }
        for [used, listed] in pairs {
            sum += used[row] - listed[row];
        }
        out[0][row] = sum;
        for (i, column) in columns.iter().enumerate() {
            sum += inverse(column[row]);
            out[i + 1][row] = sum;
        }
    }
    out
}
