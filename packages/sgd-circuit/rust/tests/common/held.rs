//! An honest window in the mock prover: set up once and checked in whole, then changed, judged and put back, as often as asked.
//!
//! A verdict looks at every constraint that reads a changed cell, and at all copies. The other constraints read what they
//! read in the honest window, which holds.

use super::{mirror, mock_prover};
use halo2_axiom::dev::{AdviceCellValue, VerifyFailure};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Circuit, Column, ConstraintSystem};
use pot_mock::MockProver;
use pot_sgd::circuit::{Params, Tamper, WindowCircuit};
use pot_sgd::config::WindowConfig;
use pot_sgd::witness::Witness;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What the mock prover says: holds, refused by copies in S alone, refused by a gate too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    Equations,
    Gates,
}

impl Verdict {
    pub fn of(verify: impl FnOnce() -> Result<(), Vec<VerifyFailure>>) -> Self {
        // halo2's reporter panics where a failed constraint also reads a blinding row (multiplied by a zero flag): it only
        // does so once the constraint has failed.
        match catch_unwind(AssertUnwindSafe(verify)) {
            Ok(Ok(())) => Self::Accepted,
            Ok(Err(f)) if f.iter().all(|f| matches!(f, VerifyFailure::Permutation { .. })) => Self::Equations,
            _ => Self::Gates,
        }
    }
}

pub struct Held {
    prover: MockProver,
    cf: WindowConfig,
    columns: Vec<Column<Advice>>,
    /// At which distances gates read a column.
    rotations: Vec<Vec<i32>>,
    /// Rows that halo2 leaves to the circuit.
    usable: usize,
    honest: Vec<Vec<Fr>>,
}

impl Held {
    /// Panics where the window does not hold.
    pub fn new(w: Witness, eta: i64) -> Self {
        let rows = 1usize << w.params.1.shape.k;
        let mut cs = ConstraintSystem::<Fr>::default();
        let cf = WindowCircuit::configure_with_params(&mut cs, Params(Some(w.params.clone())));
        assert!(cs.lookups().is_empty(), "look-ups are sums of the circuit's own");
        let mut columns: Vec<_> = cf.advice().collect();
        columns.sort_by_key(Column::index);
        let mut rotations = vec![vec![]; columns.len()];
        cs.advice_queries().iter().for_each(|(column, at)| rotations[column.index()].push(at.0));
        let honest = mirror::cells(&w, &cf);
        let prover = mock_prover(w, eta, &[]).unwrap();
        let held = Self { prover, cf, columns, rotations, usable: rows - cs.blinding_factors() - 1, honest };
        assert_eq!(held.whole(), Verdict::Accepted, "the honest window holds");
        for (column, cells) in held.columns.iter().zip(&held.honest) {
            let same = |(given, cell): (&AdviceCellValue<Fr>, &Fr)| matches!(given, AdviceCellValue::Assigned(v) if v.evaluate() == *cell);
            assert!(held.prover.advice_values(*column)[..held.usable].iter().zip(cells).all(same), "these cells are the circuit's");
        }
        held
    }

    /// The verdict of every constraint on the cells as they are.
    pub fn whole(&self) -> Verdict {
        Verdict::of(|| self.prover.verify())
    }

    /// Number of columns, and of the rows that a circuit may fill.
    pub fn size(&self) -> (usize, usize) {
        (self.columns.len(), self.usable)
    }

    /// The verdict with these cells changed, each of which is named once.
    pub fn changed(&mut self, changes: &[Tamper]) -> Verdict {
        let was = |held: &Self, t: &Tamper| held.honest[t.column][t.row];
        changes.iter().for_each(|t| self.put(t.column, t.row, was(self, t) + t.add));
        let verdict = self.judge(changes.iter().map(|t| (t.column, t.row)));
        changes.iter().for_each(|t| self.put(t.column, t.row, was(self, t)));
        verdict
    }

    /// The verdict with `cells` in place of the honest ones.
    pub fn verdict(&mut self, cells: &[Vec<Fr>]) -> Verdict {
        assert_eq!((cells.len(), cells[0].len()), (self.honest.len(), self.honest[0].len()), "cells of this window");
        let mut changes = vec![];
        for (column, (now, was)) in cells.iter().zip(&self.honest).enumerate() {
            for (row, (now, was)) in now.iter().zip(was).enumerate().filter(|(_, (now, was))| now != was) {
                changes.push(Tamper { column, row, add: now - was });
            }
        }
        self.changed(&changes)
    }

    /// The verdict on another witness of the same window.
    pub fn witness(&mut self, w: &Witness) -> Verdict {
        self.verdict(&mirror::cells(w, &self.cf))
    }

    fn put(&mut self, column: usize, row: usize, v: Fr) {
        assert!(row < self.usable, "row {row} is halo2's own");
        self.prover.assign_advice(self.columns[column], row, v);
    }

    fn judge(&self, changed: impl Iterator<Item = (usize, usize)>) -> Verdict {
        let rows = self.honest[0].len();
        let mut reads = vec![false; rows];
        for (column, row) in changed {
            for by in &self.rotations[column] {
                reads[(row as i32 - by).rem_euclid(rows as i32) as usize] = true;
            }
        }
        // Those beyond are looked at in any case.
        let reads: Vec<usize> = (0..self.usable).filter(|row| reads[*row]).collect();
        Verdict::of(|| self.prover.verify_at_rows(&reads))
    }
}
