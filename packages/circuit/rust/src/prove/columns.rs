//! A witness as the prover takes it: whole columns, phase by phase.

use crate::circuit::Config;
use crate::witness::Witness;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::plonk::{Advice, AdviceColumns, AdviceSource, Challenge, Column, ConstraintSystem, Error};
use std::collections::HashMap;

/// Serves a witness as columns.
pub struct Columns<'a> {
    witness: &'a Witness,
    config: Config,
    known: Vec<G1Affine>,
}

impl<'a> Columns<'a> {
    pub fn new(witness: &'a Witness) -> Self {
        Self { witness, config: Config::new(&mut ConstraintSystem::default(), witness.parts()), known: vec![] }
    }

    /// With the commitments to the first columns, which were made before.
    pub fn knowing(self, known: Vec<G1Affine>) -> Self {
        Self { known, ..self }
    }
}

impl AdviceSource<G1Affine> for Columns<'_> {
    fn columns(&mut self, phase: usize, challenges: &HashMap<usize, Fr>) -> Result<AdviceColumns<Fr>, Error> {
        let (first, count) = self.config.phases[phase];
        let mut columns = vec![vec![Fr::zero(); 1 << self.witness.parts().layout.shape.k]; count];
        let mut put = |column: Column<Advice>, row: usize, v: Fr| columns[column.index() - first][row] = v;
        let drawn = |c: Challenge| challenges[&c.index()];
        let c = self.config.challenges;
        match phase {
            0 => self.witness.first(&self.config, &mut put),
            1 => self.witness.second([c.sigma, c.rho, c.beta].map(drawn)).assign(&self.config, self.witness, &mut put),
            _ => self.witness.third([c.tau, c.omega].map(drawn)).map_err(|_| Error::Synthesis)?.assign(&self.config, &mut put),
        }
        Ok(columns)
    }

    fn commitment(&self, column: usize) -> Option<G1Affine> {
        self.known.get(column).copied()
    }
}
