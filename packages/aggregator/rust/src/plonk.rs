//! snark-verifier's names for the proofs here: KZG with SHPLONK.

use halo2_axiom::halo2curves::bn256::{Bn256, G1Affine};
use pot_proof_system::error::PotError;
use snark_verifier::pcs::kzg::{Bdfg21, KzgAs, KzgSuccinctVerifyingKey};
use snark_verifier::verifier::plonk::PlonkSuccinctVerifier;

/// Polynomial commitments: SHPLONK.
pub(crate) type Kzg = KzgAs<Bn256, Bdfg21>;
pub(crate) type Verifier = PlonkSuccinctVerifier<Kzg>;

/// The reference string's generator, which every reference string here begins with.
pub(crate) fn succinct() -> KzgSuccinctVerifyingKey<G1Affine> {
    G1Affine::generator().into()
}

/// A proof that cannot be read.
pub(crate) fn failed(e: snark_verifier::Error) -> PotError {
    PotError::new("AGGREGATE_PROOF", format!("a proof cannot be read: {e:?}"))
}
