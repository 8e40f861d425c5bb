//! Verifying aggregates, without the windows, the prover or snark-verifier: what WebAssembly has too.

use super::statement::{points_of_halves, Aggregate, ACCUMULATOR};
use halo2_axiom::halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine, G2Prepared};
use halo2_axiom::halo2curves::group::{Group, GroupEncoding};
use halo2_axiom::halo2curves::pairing::{MillerLoopResult, MultiMillerLoop};
use halo2_axiom::plonk::{permutation, ConstraintSystem};
use halo2_axiom::poly::EvaluationDomain;
use pot_chip::ChipConfig;
use pot_proof_system::digest::parse_points;
use pot_proof_system::engine::{self, Srs, Transcript, Vk};
use pot_proof_system::error::PotError;
use pot_proof_system::poseidon;
use pot_proof_system::transcript::native;
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::field_to_hex;

/// Domain tag of a key's digest.
pub const KEY_DOMAIN: u64 = 0x706f744b;
/// Says what the bytes of a key are, and their version.
pub const MAGIC: &[u8; 8] = b"pot-agg\x01";
/// Half of the chip's range table has 2^16 rows.
pub const MIN_K: u32 = 17;
/// Bytes of a key before its points: the magic and log2 of the rows.
const HEADER: usize = MAGIC.len() + 1;

/// The commitments of a key, and the number that its transcripts begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValues {
    pub initial: Fr,
    /// Fixed columns, then the permutation's.
    pub points: Vec<G1Affine>,
}

impl KeyValues {
    pub fn of(vk: &Vk) -> Self {
        let points = vk.fixed_commitments().iter().chain(vk.permutation().commitments()).copied();
        Self { initial: vk.transcript_repr(), points: points.collect() }
    }

    /// The digest that an aggregate exposes of the key that it was made with.
    pub fn digest(&self) -> Fr {
        let coordinates = self.points.iter().flat_map(|p| [native(&p.x), native(&p.y)]);
        poseidon::hash_chain(KEY_DOMAIN, &[self.initial].into_iter().chain(coordinates).collect::<Vec<_>>())
    }
}

/// The verifying key of an aggregation circuit: about a kilobyte.
pub struct AggregateKey {
    vk: Vk,
    k: u32,
    digest: Fr,
}

impl AggregateKey {
    pub fn new(vk: Vk) -> Self {
        Self { k: vk.get_domain().k(), digest: KeyValues::of(&vk).digest(), vk }
    }

    /// log2 of the rows.
    pub fn k(&self) -> u32 {
        self.k
    }

    /// The key as halo2 has it.
    pub fn vk(&self) -> &Vk {
        &self.vk
    }

    /// The digest by which aggregates name this key.
    pub fn digest(&self) -> String {
        field_to_hex(&self.digest)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let points = KeyValues::of(&self.vk).points;
        let header = MAGIC.iter().copied().chain([self.k as u8]);
        header.chain(points.iter().flat_map(|p| p.to_bytes().as_ref().to_vec())).collect()
    }

    /// Reads a key. Whose key it is only its digest says. Errors: `KEY_INVALID`, `POINT_INVALID`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PotError> {
        let invalid = |why: &str| PotError::new("KEY_INVALID", format!("not an aggregation key: {why}"));
        let mut cs = ConstraintSystem::default();
        ChipConfig::configure(&mut cs);
        let (fixed, permuted) = (cs.num_fixed_columns(), cs.permutation().get_columns().len());
        let (header, points) = bytes.split_at_checked(HEADER).ok_or_else(|| invalid("too short"))?;
        let [magic @ .., k] = header else { return Err(invalid("too short")) };
        if magic != MAGIC {
            return Err(invalid("another format or version"));
        }
        let k = u32::from(*k);
        if !(MIN_K..=pot_proof_system::srs::MAX_K).contains(&k) || points.len() != 32 * (fixed + permuted) {
            return Err(invalid("its size is not that of this version's circuit"));
        }
        let points = parse_points(points)?;
        let (fixed, permuted) = points.split_at(fixed);
        let domain = EvaluationDomain::new(cs.degree() as u32, k);
        let permutation = permutation::VerifyingKey::from_commitments(permuted.to_vec());
        Ok(Self::new(Vk::from_parts(domain, fixed.to_vec(), permutation, cs, vec![], false)))
    }

    /// Verifies an aggregate of windows of `spec`: its statement, that it was made with this key, its proof, and the one pairing that it left
    /// open. `srs`: of any size, the SRS that everything was made with. That the key is that of this specification's aggregation circuit is the
    /// caller's to know: derived from it, or pinned.
    ///
    /// Errors: `PUBLIC_INVALID`, `AGGREGATE_KEY`, `AGGREGATE_ACCUMULATOR`, `VERIFY_FAILED`.
    pub fn verify(&self, srs: &Srs, spec: &SgdSpec, aggregate: &Aggregate) -> Result<(), PotError> {
        let instance = aggregate.instance(spec)?;
        if aggregate.public.key != self.digest() {
            return Err(PotError::new("AGGREGATE_KEY", "the aggregate was made with another aggregation key".into()));
        }
        let open = points_of_halves(&instance[..ACCUMULATOR])?;
        engine::verify(&verifier_string(srs, self.k), &self.vk, &instance, &aggregate.proof, Transcript::Poseidon)?;
        decide(srs, &open)
    }
}

/// What a verifier of proofs of 2^k rows needs of an SRS: no more than its first point, which is the generator in every SRS here.
pub fn verifier_string(srs: &Srs, k: u32) -> Srs {
    srs.from_parts(k, vec![G1Affine::generator()], Some(vec![]), srs.g2(), srs.s_g2())
}

/// The pairing that the circuit leaves open: e(lhs, [1]) = e(rhs, [tau]). Errors: `VERIFY_FAILED`.
pub fn decide(srs: &Srs, [lhs, rhs]: &[G1Affine; 2]) -> Result<(), PotError> {
    let prepared = |p: G2Affine| G2Prepared::from(p);
    let result = Bn256::multi_miller_loop(&[(lhs, &prepared(srs.g2())), (&-*rhs, &prepared(srs.s_g2()))]).final_exponentiation();
    if !bool::from(result.is_identity()) {
        return Err(PotError::new("VERIFY_FAILED", "the accumulator's pairing does not hold: one of the windows' proofs is false".into()));
    }
    Ok(())
}
