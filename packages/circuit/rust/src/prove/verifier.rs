//! Verification: the key from the specification alone, digests from the proof's own commitments.

use super::shared::{commitments, first_state, values};
use super::GraphCircuit;
use crate::circuit::Parts;
use crate::ops::Value;
use crate::statement::field::from_hex;
use crate::statement::{digest, split, Claimed, Group, Spec, Statement};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::poly::commitment::Params;
use pot_proof_system::engine::{self, Srs, Transcript, Vk};
use pot_proof_system::error::PotError;
use pot_proof_system::srs;
use std::collections::HashMap;
use std::sync::Arc;

/// What a proof begins with; its last byte is the format's version.
pub const MAGIC: &[u8; 8] = b"pot-gpf\x01";

/// A specification's verifying key, and the SRS cut to its size.
pub struct Verifier {
    spec: Spec,
    parts: Arc<Parts>,
    srs: Srs,
    vk: Vk,
    transcript: Transcript,
}

/// The specification's circuit, where the SRS has as many points. Errors: `SRS_TOO_SMALL`, and those of [`Spec::parts`].
pub(super) fn parts(spec: &Spec, srs: &Srs) -> Result<Arc<Parts>, PotError> {
    // Before anything is laid out.
    let k = spec.settings().shape.k;
    if k > srs.k() {
        return Err(PotError::new("SRS_TOO_SMALL", format!("2^{k} points are needed, the reference string has 2^{}", srs.k())));
    }
    spec.parts()
}

impl Verifier {
    /// Derives the key. That the SRS is to be believed is for whoever brings it (`srs::inspect`).
    ///
    /// Errors: `SRS_TOO_SMALL`, and those of [`Spec::parts`].
    pub fn new(spec: &Spec, srs: &Srs) -> Result<Self, PotError> {
        let parts = parts(spec, srs)?;
        let k = parts.layout.shape.k;
        let srs = if k == srs.k() { srs.clone() } else { srs::powers_alone(srs, k)? };
        let vk = engine::verifying_key(&srs, &GraphCircuit::new(parts.clone(), None))?;
        Ok(Self { spec: spec.clone(), parts, srs, vk, transcript: Transcript::default() })
    }

    /// For proofs with this transcript alone: Poseidon's are for circuits that verify them. Keys do not depend on it.
    pub fn with_transcript(mut self, transcript: Transcript) -> Self {
        self.set_transcript(transcript);
        self
    }

    /// The same from now on.
    pub fn set_transcript(&mut self, transcript: Transcript) {
        self.transcript = transcript;
    }

    /// The key: it follows from the specification and the SRS alone.
    pub fn key(&self) -> &Vk {
        &self.vk
    }

    /// The digest that an optimiser's state has before a run's first step: all of it is 0, and blinded by zeros, since everyone knows it.
    /// Whoever follows a run from its beginning compares it with the first statement's `state`. None where there is no state.
    ///
    /// Errors: `SPEC_INVALID`.
    pub fn first_state(&self) -> Result<Option<Fr>, PotError> {
        match first_state((&self.spec, &self.parts, &self.srs))? {
            none if none.is_empty() => Ok(None),
            points => digest(&self.spec, &self.parts, Group::State, &points).map(Some),
        }
    }

    /// Errors: `PUBLIC_INVALID`, `FORMAT_VERSION`, `VERIFY_TRUNCATED`, `VERIFY_DIGEST` (which group), `POINT_INVALID`, `VERIFY_FAILED`.
    pub fn verify(&self, statement: &Statement, proof: &[u8]) -> Result<(), PotError> {
        let proof = headless(proof)?;
        let digests = bind(&self.spec, &self.parts, &self.srs, statement, proof)?;
        let instance = statement.instance(&self.spec, &self.parts, &digests)?;
        engine::verify(&self.srs, &self.vk, &instance, proof, self.transcript)
    }
}

/// Verifies one proof. Errors: those of [`Verifier::new`] and [`Verifier::verify`].
pub fn verify(spec: &Spec, srs: &Srs, statement: &Statement, proof: &[u8]) -> Result<(), PotError> {
    Verifier::new(spec, srs)?.verify(statement, proof)
}

fn headless(proof: &[u8]) -> Result<&[u8], PotError> {
    let truncated = || PotError::new("VERIFY_TRUNCATED", format!("the proof has only {} bytes", proof.len()));
    let (head, rest) = proof.split_at_checked(MAGIC.len()).ok_or_else(truncated)?;
    if head == MAGIC {
        return Ok(rest);
    }
    Err(match head[..7] == MAGIC[..7] {
        true => PotError::new("FORMAT_VERSION", format!("a proof of version {}: this library verifies {}", head[7], MAGIC[7])),
        false => PotError::new("VERIFY_FAILED", "these bytes are no proof of a graph".into()),
    })
}

/// The digests of a proof's own commitments, where they are what the statement says; commitments to public values are made anew.
///
/// Errors: `PUBLIC_INVALID`, `VERIFY_TRUNCATED`, `VERIFY_DIGEST`, `POINT_INVALID`, `SPEC_INVALID`.
pub(super) fn bind(spec: &Spec, parts: &Parts, srs: &Srs, statement: &Statement, proof: &[u8]) -> Result<[Fr; 7], PotError> {
    statement.check(spec, parts)?;
    let points = split(parts, proof)?;
    let mut digests = [Fr::zero(); 7];
    for ((group, points), out) in Group::ALL.into_iter().zip(points).zip(&mut digests) {
        if group.columns(parts) == 0 {
            continue;
        }
        *out = digest(spec, parts, group, points)?;
        let holds = match statement.claimed(group) {
            Claimed::Nothing => false,
            Claimed::Digest(text) => from_hex(group.name(), text)? == *out,
            Claimed::Values(shown) => {
                let wide: HashMap<Value, Vec<i128>> =
                    values(parts, group).into_iter().zip(shown.iter().map(|v| v.iter().map(|v| i128::from(*v)).collect())).collect();
                commitments((spec, parts, srs), group, &[0; 32], &|v| &wide[&v])? == points
            }
        };
        if !holds {
            return Err(PotError::new("VERIFY_DIGEST", format!("{} is not what the proof's own commitments are to", group.name())));
        }
    }
    Ok(digests)
}
