//! Keys, proofs and their verification.

use super::circuit::build;
use crate::recursion::statement::{halves_of_points, points_of_halves, ACCUMULATOR, INSTANCES};
use crate::recursion::verifier::{decide, verifier_string, KeyValues};
use crate::window::{parts, placeholder, Snark};
use crate::wrapper::inner::{Inner, Layout};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::poly::commitment::Params as _;
use pot_chip::{ChipCircuit, Packing, Rows};
use pot_proof_system::engine::{self, Srs, Transcript, Vk};
use pot_proof_system::error::PotError;
use rand_core::OsRng;
use snark_verifier::system::halo2::{compile, Config};
use snark_verifier::verifier::plonk::PlonkProtocol;
use std::sync::Arc;

/// The circuit's form: the largest packing factor that leaves it at 2^19 rows. 2^20 rows and a factor of 14 need three points less of the wrapper, which has as
/// many columns for them, and take twice the time.
pub const PACKING: Packing = Packing { factor: 7 };
/// Public inputs: all of an aggregate's but its own key, which is a constant here.
pub const COMPRESSED_INSTANCES: usize = INSTANCES - 1;

/// Proves and verifies the compression proofs of one aggregation circuit's aggregates.
pub struct Compression {
    /// The aggregation circuit's key in snark-verifier's form, and its digest.
    aggregate: PlonkProtocol<G1Affine>,
    digest: Fr,
    packing: Packing,
    k: u32,
    rows: Rows,
    vk: Vk,
    /// Cut to the circuit's rows.
    srs: Arc<Srs>,
}

impl Compression {
    /// Generates the verifying key, from an aggregation circuit's. `srs` begins with that circuit's own SRS. Errors: `SRS_TOO_SMALL`.
    pub fn new(srs: &Arc<Srs>, aggregate: &Vk) -> Result<Self, PotError> {
        Self::packed(srs, aggregate, PACKING)
    }

    /// The same in another form: to measure.
    pub fn packed(srs: &Arc<Srs>, aggregate: &Vk, packing: Packing) -> Result<Self, PotError> {
        let digest = KeyValues::of(aggregate).digest();
        let protocol = compile(&verifier_string(srs, aggregate.get_domain().k()), aggregate, Config::kzg().with_num_instance(vec![INSTANCES]));
        let mut any = placeholder(&protocol, 11);
        any.instance.splice(..ACCUMULATOR, halves_of_points(&[G1Affine::generator(); 2]));
        let (builder, _) = build(&protocol, digest, &any)?;
        let (k, rows) = (builder.min_k_packed(packing), builder.rows());
        let circuit = ChipCircuit::packed(Arc::new(builder), k, packing)?;
        let srs = if srs.k() == k && pot_proof_system::srs::has_basis(srs) { Arc::clone(srs) } else { Arc::new(pot_proof_system::srs::cut(srs, k)?) };
        let vk = engine::verifying_key(&srs, &circuit)?;
        Ok(Self { aggregate: protocol, digest, packing, k, rows, vk, srs })
    }

    /// log2 of the rows.
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Logical rows that the circuit takes.
    pub fn rows(&self) -> Rows {
        self.rows
    }

    pub fn verifying_key(&self) -> &Vk {
        &self.vk
    }

    /// The compression proof of an aggregate, given as its public inputs and its proof. It is not verified first: what comes out of a false one does not
    /// verify. The proving key is made for it and dropped after it, so that it does not lie beside the wrapper's proof.
    ///
    /// Errors: `AGGREGATE_PROOF`, `AGGREGATE_ACCUMULATOR`, the chip's `CHIP_*`, `PROVE_FAILED`.
    pub fn prove(&self, aggregate: &Snark) -> Result<Snark, PotError> {
        let bytes = 32 * parts(&self.aggregate).iter().sum::<usize>();
        if aggregate.instance.len() != INSTANCES || aggregate.proof.len() != bytes {
            let message = format!("an aggregate of this key has {INSTANCES} public inputs and {bytes} bytes");
            return Err(PotError::new("AGGREGATE_PROOF", message));
        }
        let (builder, instance) = build(&self.aggregate, self.digest, aggregate)?;
        let circuit = ChipCircuit::packed(Arc::new(builder), self.k, self.packing)?;
        let mut columns = circuit.columns()?;
        let pk = engine::proving_key(&self.srs, self.vk.clone(), &circuit)?;
        let proof = engine::prove_columns(&self.srs, &pk, &mut columns, &instance, &mut OsRng, Transcript::Poseidon)?;
        Ok(Snark { instance, proof })
    }

    /// Errors: `VERIFY_FAILED`, `AGGREGATE_ACCUMULATOR`.
    pub fn verify(&self, compressed: &Snark) -> Result<(), PotError> {
        if compressed.instance.len() != COMPRESSED_INSTANCES {
            return Err(PotError::new("VERIFY_FAILED", format!("there are {COMPRESSED_INSTANCES} public inputs")));
        }
        let open = points_of_halves(&compressed.instance[..ACCUMULATOR])?;
        engine::verify(&self.srs, &self.vk, &compressed.instance, &compressed.proof, Transcript::Poseidon)?;
        decide(&self.srs, &open)
    }

    /// These proofs as the on-chain wrapper takes them in: their accumulator accumulated, the statement exposed.
    pub fn inner(&self) -> Result<Inner, PotError> {
        let exposed = (ACCUMULATOR..COMPRESSED_INSTANCES).collect();
        Inner::new(&self.srs, &self.vk, Layout { instances: COMPRESSED_INSTANCES, accumulator: Some(0), constants: vec![], exposed })
    }
}
