//! What the aggregation circuit knows of the window circuit, and the proofs that it takes in.

use crate::form::Form;
use crate::layouts::Layouts;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G1};
use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use halo2_axiom::halo2curves::group::{Curve, GroupEncoding};
use pot_proof_system::error::PotError;
use pot_sgd::prover::Prover;
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::{field_to_hex, Public};
use snark_verifier::system::halo2::{compile, Config};
use snark_verifier::verifier::plonk::PlonkProtocol;

/// The window circuit's verifying key in snark-verifier's form; the aggregation circuit has it as constants.
#[derive(Clone, Debug)]
pub struct WindowKey {
    pub spec: SgdSpec,
    pub layouts: Layouts,
    pub(crate) protocol: PlonkProtocol<G1Affine>,
    /// Digest of the key.
    pub digest: String,
}

/// A window's proof and what it is about.
#[derive(Clone, Debug)]
pub struct WindowProof {
    pub public: Public,
    /// Made with `Transcript::Poseidon`.
    pub proof: Vec<u8>,
}

/// The same as the circuit takes it: public inputs need not be what `Public` would accept.
#[derive(Clone, Debug)]
pub struct Snark {
    pub instance: Vec<Fr>,
    pub proof: Vec<u8>,
}

impl WindowKey {
    /// Of runs in which nothing changes. Errors: those of key generation, `AGGREGATE_UNSUPPORTED`.
    pub fn new(prover: &mut Prover, spec: &SgdSpec) -> Result<Self, PotError> {
        Self::with_form(prover, spec, Form::default())
    }

    /// Of runs whose windows differ in more. Errors: as [`Self::new`].
    pub fn with_form(prover: &mut Prover, spec: &SgdSpec, form: Form) -> Result<Self, PotError> {
        let layouts = Layouts::new(spec, form)?;
        let (srs, vk) = prover.verifying_key(spec)?;
        let protocol = compile(srs, vk, Config::kzg().with_num_instance(vec![layouts.instances()]));
        Ok(Self { spec: spec.clone(), layouts, protocol, digest: field_to_hex(&vk.transcript_repr()) })
    }

    /// Length of a proof's parts: points, evaluations, points.
    pub fn parts(&self) -> [usize; 3] {
        parts(&self.protocol)
    }

    pub fn proof_bytes(&self) -> usize {
        32 * self.parts().iter().sum::<usize>()
    }

    /// Points that the circuit multiplies for one window.
    pub fn terms(&self) -> usize {
        // Commitments, the generator, and SHPLONK's second point.
        self.protocol.preprocessed.len() + self.parts()[0] + 2
    }

    /// Some proof of the right form that proves nothing: key generation needs one to walk through, not its values.
    pub fn placeholder(&self, seed: u64) -> Snark {
        placeholder(&self.protocol, seed)
    }

    pub fn snark(&self, window: &WindowProof) -> Result<Snark, PotError> {
        if window.proof.len() != self.proof_bytes() {
            return Err(PotError::new(
                "AGGREGATE_PROOF",
                format!("a window's proof has {} bytes, this one {}", self.proof_bytes(), window.proof.len()),
            ));
        }
        Ok(Snark { instance: window.public.instance(&self.spec, &self.layouts.rates)?, proof: window.proof.clone() })
    }
}

/// Length of a proof's parts: points, evaluations, points.
pub(crate) fn parts(p: &PlonkProtocol<G1Affine>) -> [usize; 3] {
    [p.num_witness.iter().sum::<usize>() + p.quotient.num_chunk(), p.evaluations.len(), 2]
}

/// Some proof of the right form that proves nothing: key generation needs one to walk through, not its values.
pub(crate) fn placeholder(protocol: &PlonkProtocol<G1Affine>, seed: u64) -> Snark {
    let mut at = Fr::from(seed) + Fr::ONE;
    let mut scalar = || {
        at = at.square() + Fr::from(5);
        at
    };
    let [first, evaluations, last] = parts(protocol);
    let point = |s: Fr| (G1::generator() * s).to_affine().to_bytes().as_ref().to_vec();
    let mut proof = vec![];
    (0..first).for_each(|_| proof.extend(point(scalar())));
    (0..evaluations).for_each(|_| proof.extend(scalar().to_repr()));
    (0..last).for_each(|_| proof.extend(point(scalar())));
    Snark { instance: (0..protocol.num_instance[0]).map(|_| scalar()).collect(), proof }
}
