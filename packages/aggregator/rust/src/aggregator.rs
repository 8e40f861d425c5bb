//! Keys, proofs and their verification for aggregates of M windows of one specification.

use crate::circuit::{succinct, AggregateCircuit, AggregateShape};
use crate::statement::{accumulator, Aggregate, AggregatePublic, ACCUMULATOR};
use crate::window::{Snark, WindowKey, WindowProof};
use crate::Kzg;
use halo2_axiom::halo2curves::bn256::{Bn256, Fr};
use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_halo2::engine::{self, Pk, Srs, Transcript};
use pot_halo2::error::PotError;
use pot_sgd::prover::Prover;
use pot_sgd::statement::{field_from_hex, field_to_hex};
use rand_core::OsRng;
use snark_verifier::loader::native::NativeLoader;
use snark_verifier::pcs::kzg::{KzgAccumulator, KzgDecidingKey};
use snark_verifier::pcs::AccumulationDecider;

/// Proves and verifies aggregates of `windows` windows.
pub struct Aggregator {
    key: WindowKey,
    windows: usize,
    shape: AggregateShape,
    pk: Pk,
}

/// The pairing that the circuit leaves open. Errors: `VERIFY_FAILED`.
pub fn decide(srs: &Srs, accumulator: KzgAccumulator<halo2_axiom::halo2curves::bn256::G1Affine, NativeLoader>) -> Result<(), PotError> {
    let key = KzgDecidingKey::<Bn256>::new(succinct(), srs.g2(), srs.s_g2());
    <Kzg as AccumulationDecider<_, NativeLoader>>::decide(&key, accumulator)
        .map_err(|_| PotError::new("VERIFY_FAILED", "the accumulator's pairing does not hold: one of the windows' proofs is false".into()))
}

impl Aggregator {
    /// Generates the key, from the window's key and no proof. `srs` has 2^k points, of the windows' own string.
    pub fn new(srs: &Srs, key: WindowKey, windows: usize) -> Result<Self, PotError> {
        use halo2_axiom::poly::commitment::Params as _;
        if windows == 0 {
            return Err(PotError::new("AGGREGATE_EMPTY", "no window to aggregate".into()));
        }
        let placeholders: Vec<Snark> = (0..windows as u64).map(|i| key.placeholder(i)).collect();
        let circuit = AggregateCircuit::plan(CircuitBuilderStage::Keygen, &key, &placeholders, srs.k() as usize)?;
        let vk = engine::verifying_key(srs, &circuit.builder)?;
        let pk = engine::proving_key(srs, vk, &circuit.builder)?;
        Ok(Self { windows, shape: circuit.shape(), pk, key })
    }

    /// Digest of the aggregation circuit's verifying key.
    pub fn digest(&self) -> String {
        field_to_hex(&self.pk.get_vk().transcript_repr())
    }

    pub fn shape(&self) -> &AggregateShape {
        &self.shape
    }

    /// Verifies the windows, then proves that it did. `prover` has the windows' reference string and `Transcript::Poseidon`.
    ///
    /// Errors: `AGGREGATE_COUNT`, those of [`AggregatePublic::of`] and of `Prover::verify`.
    pub fn prove(&self, srs: &Srs, prover: &mut Prover, windows: &[WindowProof]) -> Result<Aggregate, PotError> {
        if windows.len() != self.windows {
            return Err(PotError::new("AGGREGATE_COUNT", format!("this key aggregates {} windows, not {}", self.windows, windows.len())));
        }
        let public = AggregatePublic::of(&self.key.spec, windows)?;
        for (i, w) in windows.iter().enumerate() {
            prover.verify(&self.key.spec, &w.public, &w.proof).map_err(|e| e.with("window", i))?;
        }
        let snarks = windows.iter().map(|w| self.key.snark(w)).collect::<Result<Vec<_>, _>>()?;
        self.prove_unchecked(srs, public, &snarks)
    }

    /// Proves without looking at the windows first: what comes out verifies only where they would have passed.
    pub fn prove_unchecked(&self, srs: &Srs, public: AggregatePublic, windows: &[Snark]) -> Result<Aggregate, PotError> {
        let AggregateCircuit { builder, instance } = AggregateCircuit::witness(&self.shape, &self.key, windows)?;
        let proof = engine::prove_circuit(srs, &self.pk, builder, &instance, OsRng, Transcript::Poseidon)?;
        Ok(Aggregate { public, accumulator: instance[..ACCUMULATOR].iter().map(field_to_hex).collect(), proof })
    }

    /// Verifies an aggregate: its statement, its proof, and the one pairing that it left open.
    ///
    /// Errors: `PUBLIC_INVALID`, `AGGREGATE_ACCUMULATOR`, `VERIFY_FAILED`.
    pub fn verify(&self, srs: &Srs, aggregate: &Aggregate) -> Result<(), PotError> {
        let statement = aggregate.public.instance(&self.key.spec, self.windows)?;
        if aggregate.accumulator.len() != ACCUMULATOR {
            return Err(PotError::new("AGGREGATE_ACCUMULATOR", format!("an accumulator has {ACCUMULATOR} limbs")));
        }
        let limbs = aggregate.accumulator.iter().map(|v| field_from_hex("accumulator", v)).collect::<Result<Vec<Fr>, _>>()?;
        let left = accumulator(&limbs)?;
        let instance = [&limbs[..], &statement].concat();
        engine::verify(srs, self.pk.get_vk(), &instance, &aggregate.proof, Transcript::Poseidon)?;
        decide(srs, left)
    }
}
