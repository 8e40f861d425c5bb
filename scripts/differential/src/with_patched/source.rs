//! The patched crate's second way to a proof: whole columns, handed over phase by phase, instead of a circuit.

use super::halo2::halo2curves::bn256::{Bn256, Fr, G1Affine};
use super::halo2::halo2curves::group::GroupEncoding;
use super::halo2::plonk::{create_proof_from_source, AdviceSource, Error};
use super::halo2::poly::kzg::commitment::KZGCommitmentScheme;
use super::halo2::poly::kzg::multiopen::ProverSHPLONK;
use super::halo2::transcript::{Blake2bWrite, Challenge255, TranscriptWriterBuffer};
use super::side::{advice, Side};
use crate::compare::ELEMENT_BYTES;
use crate::spec::{Rng, Spec};
use rand_core::SeedableRng;
use std::collections::HashMap;

struct Columns<'a> {
    spec: &'a Spec,
    /// Commitments that the prover need not make, by column.
    known: HashMap<usize, G1Affine>,
}

impl AdviceSource<G1Affine> for Columns<'_> {
    fn columns(&mut self, phase: usize, challenges: &HashMap<usize, Fr>) -> Result<Vec<Vec<Fr>>, Error> {
        let columns = advice(self.spec, &|challenge| challenges.get(&challenge).copied(), None);
        let of_phase = columns.into_iter().zip(&self.spec.advice_phases).filter(|(_, its)| **its == phase);
        let padded = of_phase.map(|(mut column, _)| {
            column.resize(self.spec.rows(), Fr::zero());
            column
        });
        Ok(padded.collect())
    }

    fn commitment(&self, column: usize) -> Option<G1Affine> {
        self.known.get(&column).copied()
    }
}

impl Side {
    /// The proof that `prove` makes of the true witness, from columns.
    pub fn prove_from_columns(&self, seed: u64) -> Vec<u8> {
        self.prove_with_known(seed, HashMap::new())
    }

    /// The same again, with the commitments to every second column from a proof of the same randomness.
    pub fn prove_with_known_commitments(&self, seed: u64) -> Vec<u8> {
        let proof = self.prove_from_columns(seed);
        // A proof begins with the advice columns' commitments, phase by phase.
        let mut in_proof: Vec<usize> = (0..self.spec.advice_phases.len()).collect();
        in_proof.sort_by_key(|column| self.spec.advice_phases[*column]);
        let elements = in_proof.into_iter().zip(proof.chunks(ELEMENT_BYTES));
        let known = elements.filter(|(column, _)| column % 2 == 0).map(|(column, bytes)| (column, point(bytes)));
        self.prove_with_known(seed, known.collect())
    }

    fn prove_with_known(&self, seed: u64, known: HashMap<usize, G1Affine>) -> Vec<u8> {
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        let mut columns = Columns { spec: &self.spec, known };
        create_proof_from_source::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _>(
            &self.params,
            &self.key,
            &mut columns,
            &self.instance_slices(),
            Rng::seed_from_u64(seed),
            &mut transcript,
        )
        .expect("a proof from columns");
        transcript.finalize()
    }
}

/// A point as a proof holds it.
fn point(bytes: &[u8]) -> G1Affine {
    let mut encoding = <G1Affine as GroupEncoding>::Repr::default();
    encoding.as_mut().copy_from_slice(bytes);
    Option::from(G1Affine::from_bytes(&encoding)).expect("a commitment in a proof is a point")
}
