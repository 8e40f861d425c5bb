//! Renewals: a content committed to anew under a fresh salt, and a proof that the old and the new commitments are to the same cells.
//!
//! The columns under the old salt and those under the new one stand side by side, and one gate says that they are equal in every row but
//! the secret ones. docs/protocol/renewal.md argues what that is worth and what it shows.

use super::shared::{commit, whole_columns};
use crate::circuit::Parts;
use crate::gadgets::gates::{advice, fixed, Gates};
use crate::statement::{Group, Spec};
use crate::witness::Entries;
use halo2_axiom::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::plonk::{Advice, AdviceColumns, AdviceSource, Circuit, Column, ConstraintSystem, Error, FirstPhase, Fixed, Instance};
use pot_proof_system::blinding::Script;
use pot_proof_system::digest::{parse_points, POINT_BYTES};
use pot_proof_system::engine::{self, Pk, Srs, Transcript};
use pot_proof_system::error::PotError;
use rand_core::{CryptoRng, RngCore};
use std::collections::HashMap;

/// What a renewal's key follows from, with the SRS: log2 of the rows, the columns of the content, and the secret rows at their ends. What
/// the cells mean is in the digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Renewal {
    pub k: u32,
    pub columns: usize,
    pub secret: usize,
}

impl Renewal {
    /// Of a group of a circuit's columns. Errors: `SPEC_INVALID` where it has none.
    pub fn of(parts: &Parts, group: Group) -> Result<Self, PotError> {
        match group.columns(parts) {
            0 => Err(PotError::new("SPEC_INVALID", format!("{}: this circuit has none to renew", group.name()))),
            columns => Ok(Self { k: parts.layout.shape.k, columns, secret: group.blinding_rows(parts) }),
        }
    }

    /// Rows in which the columns are equal: all that may hold values.
    pub fn rows(&self) -> usize {
        (1 << self.k) - self.secret
    }

    /// Bytes of the commitments that a proof begins with: to the columns under the old salt, then to those under the new one.
    pub fn points(&self) -> usize {
        2 * self.columns * POINT_BYTES
    }

    /// Whole columns under both salts, old before new. Errors: `SPEC_INVALID`.
    pub fn contents(of: (&Spec, &Parts), group: Group, salts: [&[u8; 32]; 2], entries: Entries<'_>) -> Result<Vec<Vec<Fr>>, PotError> {
        Ok(salts.map(|salt| whole_columns(of, group, salt, entries)).into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// A proof of whole columns, old before new: nobody looks here whether they are equal. `instance`: of the commitments.
    ///
    /// Errors: those of `instance`, `INPUT_SHAPE`, `PROVE_FAILED`.
    pub fn prove<R: RngCore + CryptoRng>(
        &self,
        (srs, pk): (&Srs, &Pk),
        columns: Vec<Vec<Fr>>,
        instance: impl FnOnce(&[u8]) -> Result<Vec<Fr>, PotError>,
        rng: &mut R,
        transcript: Transcript,
    ) -> Result<Vec<u8>, PotError> {
        if columns.len() != 2 * self.columns || columns.iter().any(|c| c.len() != 1 << self.k) {
            let message = format!("{} columns to renew, expected {} of 2^{} rows", columns.len(), 2 * self.columns, self.k);
            return Err(PotError::new("INPUT_SHAPE", message));
        }
        let points = commit(srs, columns.clone());
        let instance = instance(&points)?;
        // The last secret rows are those that halo2 draws itself.
        let unusable = pk.get_vk().cs().blinding_factors() + 1;
        let drawn: Vec<Fr> = columns.iter().flat_map(|c| &c[c.len() - unusable..]).copied().collect();
        let mut source = Source { columns, points: parse_points(&points)? };
        engine::prove_columns(srs, pk, &mut source, &instance, &mut Script::new(drawn, rng), transcript)
    }
}

struct Source {
    columns: Vec<Vec<Fr>>,
    points: Vec<G1Affine>,
}

impl AdviceSource<G1Affine> for Source {
    fn columns(&mut self, _: usize, _: &HashMap<usize, Fr>) -> Result<AdviceColumns<Fr>, Error> {
        Ok(std::mem::take(&mut self.columns))
    }

    fn commitment(&self, column: usize) -> Option<G1Affine> {
        self.points.get(column).copied()
    }
}

/// The circuit of a renewal, with whole columns for the mock prover.
#[derive(Clone, Default)]
pub struct RenewalCircuit {
    pub of: Option<Renewal>,
    pub columns: Option<Vec<Vec<Fr>>>,
}

/// Columns under the old salt and under the new one, and the rows in which they are equal.
#[derive(Clone, Debug)]
pub struct RenewalConfig {
    contents: [Vec<Column<Advice>>; 2],
    active: Column<Fixed>,
    /// Read by no gate: absorbed by the transcript.
    _instance: Column<Instance>,
}

impl RenewalCircuit {
    pub fn new(of: Renewal, columns: Option<Vec<Vec<Fr>>>) -> Self {
        Self { of: Some(of), columns }
    }

    fn size(&self) -> Renewal {
        self.of.expect("the circuit is always of some size")
    }
}

impl Circuit<Fr> for RenewalCircuit {
    type Config = RenewalConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Option<Renewal>;

    fn params(&self) -> Self::Params {
        self.of
    }
    fn without_witnesses(&self) -> Self {
        Self { of: self.of, columns: None }
    }
    fn configure(_: &mut ConstraintSystem<Fr>) -> RenewalConfig {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, size: Self::Params) -> RenewalConfig {
        let columns = size.expect("the circuit is always of some size").columns;
        let contents = [(); 2].map(|()| (0..columns).map(|_| cs.advice_column_in(FirstPhase)).collect::<Vec<_>>());
        let config = RenewalConfig { contents, active: cs.fixed_column(), _instance: cs.instance_column() };
        Gates(cs).add("renewal", |v| {
            let [old, new] = &config.contents;
            // Squared, for the quotient to have two pieces: one of zeros would be the identity, which transcripts of points refuse.
            let active = fixed(v, config.active) * fixed(v, config.active);
            old.iter().zip(new).map(|(a, b)| ("the same cell", active.clone() * (advice(v, *b, 0) - advice(v, *a, 0)))).collect()
        });
        config
    }

    fn synthesize(&self, config: RenewalConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let rows = self.size().rows();
        layouter.assign_region(
            || "renewal",
            |mut region| {
                (0..rows).for_each(|row| {
                    region.assign_fixed(config.active, row, Fr::one());
                });
                let Some(columns) = &self.columns else { return Ok(()) };
                for (column, cells) in config.contents.iter().flatten().zip(columns) {
                    // Secret rows are in no gate, and the mock prover has its own.
                    cells[..rows].iter().enumerate().for_each(|(row, v)| {
                        region.assign_advice(*column, row, Value::known(*v));
                    });
                }
                Ok(())
            },
        )
    }
}
