//! The aggregation circuit's own key, which it cannot have as a constant: a witness whose digest is public.

use super::hash::hash_chain;
use super::loader::Loader;
use super::statement::INSTANCES;
use super::terms::Deferred;
use super::verifier::{KeyValues, KEY_DOMAIN};
use halo2_axiom::circuit::{Layouter, SimpleFloorPlanner};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::ff::Field;
use halo2_axiom::halo2curves::group::Curve;
use halo2_axiom::plonk::{Circuit, ConstraintSystem, Error};
use pot_chip::{Cell, ChipConfig};
use pot_proof_system::engine::{self, Srs};
use pot_proof_system::error::PotError;
use snark_verifier::system::halo2::{compile, Config};
use snark_verifier::util::arithmetic::{root_of_unity, Domain};
use snark_verifier::verifier::plonk::PlonkProtocol;

/// Rows of the circuit that only gives the constraint system's form.
const FORM_K: u32 = 8;

impl KeyValues {
    /// Any values of the right number.
    pub fn placeholder(own: &PlonkProtocol<G1Affine>) -> Self {
        let points = (1..=own.preprocessed.len() as u64).map(|i| (G1Affine::generator() * Fr::from(i + 1)).to_affine());
        Self { initial: Fr::ONE, points: points.collect() }
    }

    /// As cells: the protocol of a proof of this key, and the key's digest.
    pub fn load(&self, loader: &Loader, own: &PlonkProtocol<G1Affine>) -> (PlonkProtocol<G1Affine, Loader>, Cell) {
        let b = &mut *loader.ctx_mut();
        let initial = b.witness(self.initial);
        let points: Vec<_> = self.points.iter().map(|p| b.point(*p)).collect();
        let elements: Vec<Cell> = [initial].into_iter().chain(points.iter().flat_map(|p| [p.x, p.y])).collect();
        let digest = hash_chain(b, KEY_DOMAIN, &elements);
        let protocol = PlonkProtocol {
            domain: own.domain.clone(),
            domain_as_witness: None,
            preprocessed: points.into_iter().map(|p| loader.ec_point_from_assigned(Deferred::Point(Box::new(p)))).collect(),
            num_instance: own.num_instance.clone(),
            num_witness: own.num_witness.clone(),
            num_challenge: own.num_challenge.clone(),
            evaluations: own.evaluations.clone(),
            queries: own.queries.clone(),
            quotient: own.quotient.clone(),
            transcript_initial_state: Some(loader.scalar_from_assigned(initial)),
            instance_committing_key: None,
            linearization: own.linearization,
            accumulator_indices: vec![],
        };
        (protocol, digest)
    }
}

/// The chip's columns and gates without a row.
struct Form;

impl Circuit<Fr> for Form {
    type Config = ChipConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self
    }
    fn configure(cs: &mut ConstraintSystem<Fr>) -> ChipConfig {
        ChipConfig::configure(cs)
    }
    fn synthesize(&self, _: ChipConfig, _: impl Layouter<Fr>) -> Result<(), Error> {
        Ok(())
    }
}

/// The form of the circuit's proofs at 2^k rows: everything of the protocol but the key's values, which are placeholders.
pub fn form(srs: &Srs, k: u32) -> Result<PlonkProtocol<G1Affine>, PotError> {
    let small = pot_proof_system::srs::cut(srs, FORM_K)?;
    let vk = engine::verifying_key(&small, &Form)?;
    let mut protocol = compile(&small, &vk, Config::kzg().with_num_instance(vec![INSTANCES]));
    protocol.domain = Domain::new(k as usize, root_of_unity(k as usize));
    Ok(protocol)
}
