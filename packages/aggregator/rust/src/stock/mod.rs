//! The stock halo2-ecc chip: what the on-chain wrapper is built on, and the oracle of the wide chip's tests.

pub mod deferred;
pub mod points;

use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_base::gates::circuit::BaseCircuitParams;
use halo2_base::gates::flex_gate::MultiPhaseThreadBreakPoints;
use halo2_base::AssignedValue;
use halo2_ecc::bigint::ProperCrtUint;
use snark_verifier::loader::halo2::Halo2Loader;
use snark_verifier::system::halo2::transcript::halo2::PoseidonTranscript;

/// Limbs of a base field element, and the bits of one.
pub const LIMBS: usize = 3;
pub const BITS: usize = 88;
/// Field elements that hold the two points of an accumulator.
pub const ACCUMULATOR: usize = 4 * LIMBS;

/// An assigned field element.
pub type Cell = AssignedValue<Fr>;
/// An assigned point: coordinates in limbs.
pub type Point = halo2_ecc::ecc::EcPoint<Fr, ProperCrtUint<Fr>>;
pub(crate) type Ecc<'a> = halo2_ecc::ecc::BaseFieldEccChip<'a, G1Affine>;
pub(crate) type InCircuit<'a> = std::rc::Rc<Halo2Loader<G1Affine, deferred::DeferringChip<'a>>>;
/// The numbers of pot-proof-system's `Transcript::Poseidon`.
pub(crate) type CircuitTranscript<'a, S> = PoseidonTranscript<G1Affine, InCircuit<'a>, S, 3, 2, 8, 57>;

/// Rows and columns, and where the columns of cells break: the same for every proof of one circuit.
#[derive(Clone, Debug)]
pub struct Shape {
    pub params: BaseCircuitParams,
    pub break_points: MultiPhaseThreadBreakPoints,
}
