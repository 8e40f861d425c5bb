//! A prover and a verifier of random circuits. The program compiles this folder twice: `halo2` is the crate that
//! `with_stock.rs` or `with_patched.rs` calls so.

mod circuit;
mod multiexp;
mod numbers;
mod witness;

pub use numbers::numbers;
pub use witness::{advice, random_scalar};

use super::halo2;
use crate::compare::Verdict;
use crate::spec::{Cell, Rng, Spec};
use circuit::RandomCircuit;
use halo2::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2::plonk::{create_proof, keygen_pk, keygen_vk, verify_proof, Error, ProvingKey};
use halo2::poly::commitment::ParamsProver;
use halo2::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2::poly::kzg::strategy::SingleStrategy;
use halo2::transcript::{Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer};
use halo2::SerdeFormat;
use rand_core::SeedableRng;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

/// The keys of one circuit in one crate.
pub struct Side {
    pub(super) spec: Arc<Spec>,
    pub(super) params: ParamsKZG<Bn256>,
    pub(super) key: ProvingKey<G1Affine>,
    instances: Vec<Vec<Fr>>,
}

impl Side {
    /// Makes the SRS, whose secret is drawn from the circuit's size, and the keys.
    pub fn new(spec: &Arc<Spec>) -> Self {
        let params = ParamsKZG::<Bn256>::setup(spec.k, Rng::seed_from_u64(spec.k.into()));
        let circuit = RandomCircuit::new(spec, None);
        let verifying_key = keygen_vk(&params, &circuit).expect("a verifying key");
        let key = keygen_pk(&params, verifying_key, &circuit).expect("a proving key");
        Self { spec: spec.clone(), params, key, instances: witness::instances(spec) }
    }

    /// The verifying key, and its digest as transcripts begin with it.
    pub fn key_bytes(&self) -> Vec<u8> {
        let key = self.key.get_vk();
        let mut bytes = key.to_bytes(SerdeFormat::Processed);
        bytes.extend(format!("{:?}", key.transcript_repr()).bytes());
        bytes
    }

    /// A proof whose randomness is the seed's; of the true witness, or with one cell of it false.
    pub fn prove(&self, seed: u64, false_cell: Option<Cell>) -> Vec<u8> {
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &self.params,
            &self.key,
            &[RandomCircuit::new(&self.spec, false_cell)],
            &[&self.instance_slices()],
            Rng::seed_from_u64(seed),
            &mut transcript,
        )
        .expect("a proof");
        transcript.finalize()
    }

    /// What the verifier says. It may also panic, as the stock one does: what is compared is that both do the same.
    pub fn verify(&self, proof: &[u8]) -> Verdict {
        let checked = catch_unwind(AssertUnwindSafe(|| {
            let mut transcript = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof);
            verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
                &self.params,
                self.key.get_vk(),
                SingleStrategy::new(&self.params),
                &[&self.instance_slices()],
                &mut transcript,
            )
        }));
        match checked {
            Ok(Ok(())) => Verdict::Accepted,
            Ok(Err(Error::ConstraintSystemFailure)) => Verdict::ConstraintsFail,
            Ok(Err(Error::Opening)) => Verdict::OpeningFails,
            Ok(Err(Error::Transcript(_))) => Verdict::Unreadable,
            Ok(Err(_)) => Verdict::OtherError,
            Err(_) => Verdict::Panicked,
        }
    }

    pub(super) fn instance_slices(&self) -> Vec<&[Fr]> {
        self.instances.iter().map(Vec::as_slice).collect()
    }
}
