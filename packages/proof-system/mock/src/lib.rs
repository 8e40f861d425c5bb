//! Halo2's mock prover for any circuit. It is compiled here once: a test that called halo2's own would compile it again.

use halo2_axiom::circuit::Value;
use halo2_axiom::dev::{self, AdviceCellValue, CellValue, VerifyFailure};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Assigned, Assignment, Column, Error, Fixed};
use pot_proof_system::any_circuit::{AnyCircuit, Erased};

/// What failed, of all that was looked at.
pub type Verdict = Result<(), Vec<VerifyFailure>>;

/// A circuit's cells, with every phase filled.
pub struct MockProver(dev::MockProver<Fr>);

impl MockProver {
    /// Fills a circuit of 2^k rows. Errors: the circuit's own.
    pub fn run(k: u32, circuit: &dyn AnyCircuit, instance: Vec<Vec<Fr>>) -> Result<Self, Error> {
        dev::MockProver::run(k, &Erased(circuit), instance).map(Self)
    }

    /// Looks at every row.
    pub fn verify(&self) -> Verdict {
        self.0.verify()
    }

    /// The same with all threads.
    pub fn verify_par(&self) -> Verdict {
        self.0.verify_par()
    }

    /// Looks at the gates of these rows, and at all copies.
    pub fn verify_at_rows(&self, rows: &[usize]) -> Verdict {
        self.0.verify_at_rows(rows.iter().copied(), [].iter().copied())
    }

    /// The same with all threads.
    pub fn verify_at_rows_par(&self, rows: &[usize]) -> Verdict {
        self.0.verify_at_rows_par(rows.iter().copied(), [].iter().copied())
    }

    pub fn advice_values(&self, column: Column<Advice>) -> &[AdviceCellValue<Fr>] {
        self.0.advice_values(column)
    }

    pub fn fixed_values(&self, column: Column<Fixed>) -> &[CellValue<Fr>] {
        self.0.fixed_values(column)
    }

    /// Writes another value into a cell.
    pub fn assign_advice(&mut self, column: Column<Advice>, row: usize, value: Fr) {
        self.0.assign_advice(column, row, Value::known(Assigned::Trivial(value)));
    }
}
