//! Key generation, proving and verification of any circuit: KZG over BN254, SHPLONK, Blake2b transcript.

use crate::error::PotError;
use halo2_axiom::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_axiom::plonk::{create_proof_from_source, keygen_pk, keygen_vk, verify_proof, AdviceSource, Circuit, Error, ProvingKey, VerifyingKey};
use halo2_axiom::poly::commitment::{Blind, Params, ParamsProver};
use halo2_axiom::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_axiom::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_axiom::poly::kzg::strategy::SingleStrategy;
use halo2_axiom::poly::EvaluationDomain;
use halo2_axiom::transcript::{Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer};
use rand_core::RngCore;
use std::io::Cursor;

/// The structured reference string.
pub type Srs = ParamsKZG<Bn256>;
pub type Pk = ProvingKey<G1Affine>;
pub type Vk = VerifyingKey<G1Affine>;

fn key_error(e: Error) -> PotError {
    PotError::new("KEYGEN_FAILED", format!("key generation failed: {e}"))
}

/// The verifying key, from a circuit without a witness.
pub fn verifying_key<C: Circuit<Fr>>(srs: &Srs, circuit: &C) -> Result<Vk, PotError> {
    keygen_vk(srs, circuit).map_err(key_error)
}

/// The proving key of a verifying key.
pub fn proving_key<C: Circuit<Fr>>(srs: &Srs, vk: Vk, circuit: &C) -> Result<Pk, PotError> {
    keygen_pk(srs, vk, circuit).map_err(key_error)
}

/// A proof. Errors: `PROVE_FAILED`.
pub fn prove_columns(srs: &Srs, pk: &Pk, source: &mut impl AdviceSource<G1Affine>, instance: &[Fr], rng: impl RngCore) -> Result<Vec<u8>, PotError> {
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    create_proof_from_source::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _>(srs, pk, source, &[instance], rng, &mut transcript)
        .map_err(|e| PotError::new("PROVE_FAILED", format!("proving failed: {e}")))?;
    Ok(transcript.finalize())
}

/// Checks a proof, which must be exactly as long as the circuit's proofs are. Errors: `VERIFY_FAILED`.
pub fn verify(srs: &Srs, vk: &Vk, instance: &[Fr], proof: &[u8]) -> Result<(), PotError> {
    let failed = |m: String| PotError::new("VERIFY_FAILED", m);
    let mut cursor = Cursor::new(proof);
    {
        let mut transcript = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(&mut cursor);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            srs.verifier_params(),
            vk,
            SingleStrategy::new(srs),
            &[&[instance]],
            &mut transcript,
        )
        .map_err(|e| failed(format!("the proof does not verify: {e}")))?;
    }
    if cursor.position() != proof.len() as u64 {
        return Err(failed(format!("{} bytes follow the proof", proof.len() as u64 - cursor.position())));
    }
    Ok(())
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
