//! Keys, proofs and their verification outside a contract.

use super::circuit::WrapperCircuit;
use super::contract;
use super::inner::Inner;
use super::wrapped::Wrapped;
use crate::recursion::verifier::decide;
use crate::stock::{Shape, ACCUMULATOR, BITS, LIMBS};
use crate::window::Snark;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::poly::commitment::Params as _;
use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_proof_system::engine::{self, Pk, Srs, Transcript};
use pot_proof_system::error::PotError;
use pot_sgd::statement::field_to_hex;
use rand_core::OsRng;
use snark_verifier::loader::native::NativeLoader;
use snark_verifier::pcs::kzg::LimbsEncoding;
use snark_verifier::pcs::AccumulatorEncoding;

/// Proves and verifies the wrappings of one inner circuit's proofs.
pub struct Wrapper {
    inner: Inner,
    shape: Shape,
    pk: Pk,
}

impl Wrapper {
    /// Generates the key, from the inner circuit's key and no proof. `srs` has 2^k points, of the inner circuit's own SRS.
    pub fn new(srs: &Srs, inner: Inner) -> Result<Self, PotError> {
        let circuit = WrapperCircuit::plan(CircuitBuilderStage::Keygen, &inner, &inner.placeholder(), srs.k() as usize)?;
        let vk = engine::verifying_key(srs, &circuit.builder)?;
        let pk = engine::proving_key(srs, vk, &circuit.builder)?;
        Ok(Self { shape: circuit.shape(), pk, inner })
    }

    /// Digest of the wrapper's verifying key.
    pub fn digest(&self) -> String {
        field_to_hex(&self.pk.get_vk().transcript_repr())
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    pub fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Public inputs of the wrapper.
    pub fn instances(&self) -> usize {
        ACCUMULATOR + self.inner.layout.exposed.len()
    }

    /// Proves that the inner proof holds, up to the accumulator. It is not verified first: what comes out of a false one does
    /// not verify. Errors: `WRAPPER_PROOF`, `WRAPPER_ACCUMULATOR`, `PROVE_FAILED`.
    pub fn prove(&self, srs: &Srs, snark: &Snark) -> Result<Wrapped, PotError> {
        let WrapperCircuit { builder, instance } = WrapperCircuit::witness(&self.shape, &self.inner, snark)?;
        let proof = engine::prove_circuit(srs, &self.pk, &builder, &instance, &mut OsRng, Transcript::Keccak)?;
        Ok(Wrapped { instance, proof })
    }

    /// Verifies as the contract does. Errors: `AGGREGATE_ACCUMULATOR`, `VERIFY_FAILED`.
    pub fn verify(&self, srs: &Srs, wrapped: &Wrapped) -> Result<(), PotError> {
        if wrapped.instance.len() != self.instances() {
            return Err(PotError::new("VERIFY_FAILED", format!("there are {} public inputs", self.instances())));
        }
        let left = accumulator(&wrapped.instance[..ACCUMULATOR])?;
        engine::verify(srs, self.pk.get_vk(), &wrapped.instance, &wrapped.proof, Transcript::Keccak)?;
        decide(srs, &left)
    }

    /// The contract that verifies, as Solidity text.
    pub fn solidity(&self, srs: &Srs) -> Result<String, PotError> {
        contract::solidity(srs, self.pk.get_vk(), self.instances())
    }

    /// What snark-verifier generates, which [`Self::solidity`] is compared with. It takes more than one encoding of a proof.
    pub fn generated_solidity(&self, srs: &Srs) -> Result<String, PotError> {
        contract::generated(srs, self.pk.get_vk(), self.instances()).map(|(text, _)| text)
    }
}

/// Reads an accumulator's points, lhs and rhs. Errors: `AGGREGATE_ACCUMULATOR` (limbs or coordinates out of range, no points of the curve, the
/// identity, whose pairing would always hold).
pub fn accumulator(limbs: &[Fr]) -> Result<[G1Affine; 2], PotError> {
    let bad = || PotError::new("AGGREGATE_ACCUMULATOR", "the accumulator is not two points of the curve in canonical limbs".into());
    let read = <LimbsEncoding<LIMBS, BITS> as AccumulatorEncoding<G1Affine, NativeLoader>>::from_repr(&limbs.iter().collect::<Vec<_>>());
    // snark-verifier takes (0, 0) for the identity.
    let points = read.map(|a| [a.lhs, a.rhs]).map_err(|_| bad())?;
    points.iter().all(|p| !bool::from(p.is_identity())).then_some(points).ok_or_else(bad)
}
