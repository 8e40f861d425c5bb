//! Key generation, proving and verification of any circuit: KZG over BN254, SHPLONK, and a transcript of choice.

use crate::any_circuit::{AnyCircuit, Erased};
use crate::any_transcript::{Any, Reading, Typed, Writing};
use crate::error::PotError;
use crate::transcript::PoseidonTranscript;
use halo2_axiom::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_axiom::plonk::{
    create_proof, create_proof_from_source, keygen_pk, keygen_vk, verify_proof, AdviceColumns, AdviceSource, Error, ProvingKey, VerifyingKey,
};
use halo2_axiom::poly::commitment::{Blind, Params, ParamsProver};
use halo2_axiom::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_axiom::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_axiom::poly::kzg::strategy::SingleStrategy;
use halo2_axiom::poly::EvaluationDomain;
use halo2_axiom::transcript::{Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer};
use rand_core::RngCore;
use std::collections::HashMap;
use std::io::Cursor;

#[cfg(feature = "evm-transcript")]
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};

/// The structured reference string.
pub type Srs = ParamsKZG<Bn256>;
pub type Pk = ProvingKey<G1Affine>;
pub type Vk = VerifyingKey<G1Affine>;

fn key_error(e: Error) -> PotError {
    PotError::new("KEYGEN_FAILED", format!("key generation failed: {e}"))
}

/// The verifying key, from a circuit without a witness.
pub fn verifying_key(srs: &Srs, circuit: &dyn AnyCircuit) -> Result<Vk, PotError> {
    keygen_vk(srs, &Erased(circuit)).map_err(key_error)
}

/// The proving key of a verifying key.
pub fn proving_key(srs: &Srs, vk: Vk, circuit: &dyn AnyCircuit) -> Result<Pk, PotError> {
    keygen_pk(srs, vk, &Erased(circuit)).map_err(key_error)
}

/// The hash that turns a proof's messages into challenges. Keys do not depend on it; a proof verifies with its own alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transcript {
    /// For proofs that a program verifies.
    #[default]
    Blake2b,
    /// For proofs that a circuit verifies: crate::transcript.
    Poseidon,
    /// snark-verifier's Keccak-256, for proofs that a contract verifies: points as two 32-byte coordinates, all big-endian.
    #[cfg(feature = "evm-transcript")]
    Keccak,
}

impl Transcript {
    /// By its name, `blake2b` or `poseidon`. Errors: `TRANSCRIPT_UNKNOWN`.
    pub fn from_name(name: &str) -> Result<Self, PotError> {
        match name {
            "blake2b" => Ok(Self::Blake2b),
            "poseidon" => Ok(Self::Poseidon),
            _ => Err(PotError::new("TRANSCRIPT_UNKNOWN", format!("there is no transcript {name:?}; there are blake2b and poseidon"))),
        }
    }
}

#[cfg(feature = "evm-transcript")]
type KeccakTranscript<S> = EvmTranscript<G1Affine, NativeLoader, S, Vec<u8>>;

/// Writes a proof's messages with `write`. Errors: `PROVE_FAILED`.
fn prove_with(transcript: Transcript, write: impl FnOnce(&mut Any<'_, dyn Writing>) -> Result<(), Error>) -> Result<Vec<u8>, PotError> {
    let written = |t: &mut dyn Writing| write(&mut Any(t)).map_err(|e| PotError::new("PROVE_FAILED", format!("proving failed: {e}")));
    match transcript {
        Transcript::Blake2b => {
            let mut t = Typed::new(Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]));
            written(&mut t)?;
            Ok(t.0.finalize())
        }
        Transcript::Poseidon => {
            let mut t = Typed::new(PoseidonTranscript::new(vec![]));
            written(&mut t)?;
            Ok(t.0.finalize())
        }
        #[cfg(feature = "evm-transcript")]
        Transcript::Keccak => {
            let mut t = Typed::new(<KeccakTranscript<Vec<u8>> as TranscriptWriterBuffer<_, _, _>>::init(vec![]));
            written(&mut t)?;
            Ok(t.0.finalize())
        }
    }
}

/// Columns of whichever circuit: the prover is compiled once for all.
struct AnySource<'a>(&'a mut dyn AdviceSource<G1Affine>);

impl AdviceSource<G1Affine> for AnySource<'_> {
    fn columns(&mut self, phase: usize, challenges: &HashMap<usize, Fr>) -> Result<AdviceColumns<Fr>, Error> {
        self.0.columns(phase, challenges)
    }

    fn commitment(&self, column: usize) -> Option<G1Affine> {
        self.0.commitment(column)
    }
}

/// A proof. Errors: `PROVE_FAILED`.
pub fn prove_columns(
    srs: &Srs,
    pk: &Pk,
    source: &mut dyn AdviceSource<G1Affine>,
    instance: &[Fr],
    rng: &mut dyn RngCore,
    transcript: Transcript,
) -> Result<Vec<u8>, PotError> {
    type Kzg<'a> = ProverSHPLONK<'a, Bn256>;
    let mut source = AnySource(source);
    prove_with(transcript, |t| create_proof_from_source::<KZGCommitmentScheme<Bn256>, Kzg<'_>, _, _, _>(srs, pk, &mut source, &[instance], rng, t))
}

/// A proof of a circuit that assigns its own witness. Errors: `PROVE_FAILED`.
pub fn prove_circuit(
    srs: &Srs,
    pk: &Pk,
    circuit: &dyn AnyCircuit,
    instance: &[Fr],
    rng: &mut dyn RngCore,
    transcript: Transcript,
) -> Result<Vec<u8>, PotError> {
    type Kzg<'a> = ProverSHPLONK<'a, Bn256>;
    prove_with(transcript, |t| create_proof::<KZGCommitmentScheme<Bn256>, Kzg<'_>, _, _, _, _>(srs, pk, &[Erased(circuit)], &[&[instance]], rng, t))
}

/// Checks a proof, which must be exactly as long as the circuit's proofs are. Errors: `VERIFY_FAILED`.
pub fn verify(srs: &Srs, vk: &Vk, instance: &[Fr], proof: &[u8], transcript: Transcript) -> Result<(), PotError> {
    let mut cursor = Cursor::new(proof);
    let verified = |t: &mut dyn Reading| verify_with(srs, vk, instance, &mut Any(t));
    match transcript {
        Transcript::Blake2b => verified(&mut Typed::new(Blake2bRead::<_, G1Affine, Challenge255<_>>::init(&mut cursor))),
        Transcript::Poseidon => verified(&mut Typed::new(PoseidonTranscript::new(&mut cursor))),
        #[cfg(feature = "evm-transcript")]
        Transcript::Keccak => verified(&mut Typed::new(<KeccakTranscript<_> as TranscriptReadBuffer<_, _, _>>::init(&mut cursor))),
    }?;
    if cursor.position() != proof.len() as u64 {
        return Err(PotError::new("VERIFY_FAILED", format!("{} bytes follow the proof", proof.len() as u64 - cursor.position())));
    }
    Ok(())
}

fn verify_with(srs: &Srs, vk: &Vk, instance: &[Fr], transcript: &mut Any<'_, dyn Reading>) -> Result<(), PotError> {
    verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        srs.verifier_params(),
        vk,
        SingleStrategy::new(srs),
        &[&[instance]],
        transcript,
    )
    .map_err(|e| PotError::new("VERIFY_FAILED", format!("the proof does not verify: {e}")))
}

/// Commitments to columns given as full-length vectors (2^k values, reserved rows included).
pub fn commit(srs: &Srs, columns: Vec<Vec<Fr>>) -> Vec<u8> {
    use halo2_axiom::halo2curves::group::{Curve, GroupEncoding};
    let domain = EvaluationDomain::<Fr>::new(2, srs.k());
    columns
        .into_iter()
        .flat_map(|c| {
            let point = srs.commit_lagrange(&domain.lagrange_from_vec(c), Blind::default()).to_affine();
            point.to_bytes().as_ref().to_vec()
        })
        .collect()
}
