//! Window proofs, verified inside one Halo2 circuit together with the rules that chain them.
//!
//! Layers, from below: [`poseidon`], [`points`] and [`deferred`] (gadgets), [`rules`] (what must hold between windows, on assigned
//! cells), [`circuit`] (the verifier of the proofs, and the rules on the very points that its transcripts absorbed),
//! [`aggregator`] (keys, proving, verifying), [`statement`] (public inputs, and the same rules for an honest prover).

#[cfg(feature = "prover")]
pub mod aggregator;
#[cfg(feature = "prover")]
pub mod circuit;
#[cfg(feature = "prover")]
pub mod deferred;
#[cfg(feature = "prover")]
pub mod points;
#[cfg(feature = "prover")]
pub mod poseidon;
pub mod recursion;
#[cfg(feature = "prover")]
pub mod rules;
#[cfg(feature = "prover")]
pub mod statement;
#[cfg(feature = "prover")]
pub mod window;

#[cfg(feature = "prover")]
mod stock {
    use halo2_axiom::halo2curves::bn256::{Bn256, Fr, G1Affine};
    use halo2_base::AssignedValue;
    use halo2_ecc::bigint::ProperCrtUint;
    use snark_verifier::loader::halo2::Halo2Loader;
    use snark_verifier::loader::native::NativeLoader;
    use snark_verifier::pcs::kzg::{Bdfg21, KzgAs};
    use snark_verifier::system::halo2::transcript::halo2::PoseidonTranscript;
    use snark_verifier::verifier::plonk::PlonkSuccinctVerifier;

    /// Limbs of a base field element, and the bits of one.
    pub const LIMBS: usize = 3;
    pub const BITS: usize = 88;

    /// An assigned field element.
    pub type Cell = AssignedValue<Fr>;
    /// An assigned point: coordinates in limbs.
    pub type Point = halo2_ecc::ecc::EcPoint<Fr, ProperCrtUint<Fr>>;
    pub(crate) type Ecc<'a> = halo2_ecc::ecc::BaseFieldEccChip<'a, G1Affine>;
    pub(crate) type InCircuit<'a> = std::rc::Rc<Halo2Loader<G1Affine, crate::deferred::DeferringChip<'a>>>;
    /// Polynomial commitments: SHPLONK.
    pub(crate) type Kzg = KzgAs<Bn256, Bdfg21>;
    pub(crate) type Verifier = PlonkSuccinctVerifier<Kzg>;
    /// The numbers of pot-halo2's `Transcript::Poseidon`.
    pub(crate) type CircuitTranscript<'a, S> = PoseidonTranscript<G1Affine, InCircuit<'a>, S, 3, 2, 8, 57>;
    pub(crate) type NativeTranscript<S> = PoseidonTranscript<G1Affine, NativeLoader, S, 3, 2, 8, 57>;
}
#[cfg(feature = "prover")]
pub use stock::*;
