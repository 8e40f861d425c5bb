//! A window's advice columns for the prover, whole and phase by phase.

use crate::config::WindowConfig;
use crate::witness::Witness;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::plonk::{Advice, AdviceSource, Challenge, Column, ConstraintSystem, Error};
use std::collections::HashMap;

/// Commitments to the first columns that are known from a digest made before: the weights before and after, the
/// frozen base, the data.
#[derive(Clone, Debug, Default)]
pub struct KnownPoints {
    pub w0: Vec<G1Affine>,
    pub wk: Vec<G1Affine>,
    pub base: Vec<G1Affine>,
    pub data: Vec<G1Affine>,
}

/// Serves a witness as columns.
pub struct WindowColumns<'a> {
    witness: &'a Witness,
    config: WindowConfig,
    known: HashMap<usize, G1Affine>,
}

impl<'a> WindowColumns<'a> {
    pub fn new(witness: &'a Witness, points: KnownPoints) -> Self {
        let (spec, lay) = &*witness.params;
        let config = WindowConfig::new(&mut ConstraintSystem::default(), spec, lay);
        let groups = [(&config.w0, points.w0), (&config.wk, points.wk), (&config.base, points.base), (&config.data, points.data)];
        let known = groups.into_iter().flat_map(|(columns, points)| columns.iter().map(|c| c.index()).zip(points)).collect();
        Self { witness, config, known }
    }
}

impl AdviceSource<G1Affine> for WindowColumns<'_> {
    fn columns(&mut self, phase: usize, challenges: &HashMap<usize, Fr>) -> Result<Vec<Vec<Fr>>, Error> {
        let cf = &self.config;
        let (first, count) = cf.phases()[phase];
        let rows = 1usize << self.witness.params.1.shape.k;
        let mut columns = vec![vec![Fr::zero(); rows]; count];
        let mut put = |column: Column<Advice>, row: usize, v: Fr| columns[column.index() - first][row] = v;
        let challenge = |c: Challenge| challenges[&c.index()];
        let ch = &cf.ch;
        match phase {
            0 => self.witness.first(cf, &mut put),
            1 => {
                let challenges = [ch.sigma, ch.theta, ch.rho, ch.beta, ch.gamma].map(challenge);
                self.witness.second(challenges).assign(self.witness, cf, &mut put);
            }
            _ => {
                let third = self.witness.third([ch.tau, ch.omega].map(challenge)).map_err(|_| Error::Synthesis)?;
                third.assign(cf, &mut put);
            }
        }
        Ok(columns)
    }

    fn commitment(&self, column: usize) -> Option<G1Affine> {
        self.known.get(&column).copied()
    }
}
