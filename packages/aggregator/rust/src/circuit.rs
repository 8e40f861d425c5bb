//! The aggregation circuit: window proofs verified up to their pairings, what is left of them folded, the rules on top.

use crate::deferred::{combine, Deferred, DeferringChip};
use crate::points::check_strict;
use crate::poseidon::hash_chain;
use crate::rules::{chain, Window};
use crate::statement::{ACCUMULATOR, INSTANCES};
use crate::window::{failed, Snark, WindowKey};
use crate::{Cell, CircuitTranscript, Ecc, InCircuit, NativeTranscript, Point, Verifier, BITS, LIMBS};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_base::gates::circuit::builder::BaseCircuitBuilder;
use halo2_base::gates::circuit::{BaseCircuitParams, CircuitBuilderStage};
use halo2_base::gates::flex_gate::MultiPhaseThreadBreakPoints;
use halo2_base::gates::RangeInstructions;
use halo2_ecc::bn254::FpChip;
use pot_halo2::error::PotError;
use snark_verifier::loader::halo2::Halo2Loader;
use snark_verifier::loader::native::NativeLoader;
use snark_verifier::pcs::kzg::{KzgAccumulator, KzgSuccinctVerifyingKey};
use snark_verifier::system::halo2::transcript::halo2::TranscriptObject;
use snark_verifier::util::transcript::Transcript;
use snark_verifier::verifier::SnarkVerifier;

/// Domain tag of the folding's challenge.
const FOLD_DOMAIN: u64 = 0x706f7446;
/// Rows that halo2 needs for itself.
const UNUSABLE: usize = 20;

/// Rows and columns, and where the columns of cells break: the same for every aggregate of as many windows of one key.
#[derive(Clone, Debug)]
pub struct AggregateShape {
    pub params: BaseCircuitParams,
    pub break_points: MultiPhaseThreadBreakPoints,
}

/// The circuit with a witness, and the public inputs that it has.
pub struct AggregateCircuit {
    pub builder: BaseCircuitBuilder<Fr>,
    pub instance: Vec<Fr>,
}

/// The reference string's generator, which every reference string here begins with.
pub(crate) fn succinct() -> KzgSuccinctVerifyingKey<G1Affine> {
    G1Affine::generator().into()
}

impl AggregateCircuit {
    /// For key generation or a mock prover: columns are counted. `k` is the log2 of the rows.
    pub fn plan(stage: CircuitBuilderStage, key: &WindowKey, windows: &[Snark], k: usize) -> Result<Self, PotError> {
        let builder = BaseCircuitBuilder::from_stage(stage).use_k(k).use_lookup_bits(k - 1).use_instance_columns(1);
        let mut circuit = Self::build(builder, key, windows)?;
        circuit.builder.calculate_params(Some(UNUSABLE));
        Ok(circuit)
    }

    /// For the prover: a witness alone.
    pub fn witness(shape: &AggregateShape, key: &WindowKey, windows: &[Snark]) -> Result<Self, PotError> {
        Self::build(BaseCircuitBuilder::prover(shape.params.clone(), shape.break_points.clone()), key, windows)
    }

    fn build(mut builder: BaseCircuitBuilder<Fr>, key: &WindowKey, windows: &[Snark]) -> Result<Self, PotError> {
        let range = builder.range_chip();
        let fp = FpChip::<Fr>::new(&range, BITS, LIMBS);
        let ecc = Ecc::new(&fp);
        let loader = Halo2Loader::new(DeferringChip(ecc.clone()), std::mem::take(builder.pool(0)));
        let read = windows.iter().map(|w| verify(&loader, key, w)).collect::<Result<Vec<_>, _>>()?;
        let mut pool = loader.take_ctx();
        // What is left to check of all windows, in one: the challenge binds every proof whole.
        let seals: Vec<Cell> = read.iter().map(|r| r.seal).collect();
        let r = hash_chain(pool.main(), range.gate(), FOLD_DOMAIN, &seals);
        let mut public = vec![];
        for side in [0, 1] {
            let sums: Vec<Deferred> = read.iter().map(|r| r.accumulator[side].clone()).collect();
            let point = combine(&mut pool, &ecc, r, &sums);
            // Canonical, so that a reader may insist on it.
            check_strict(pool.main(), &ecc, &point);
            public.extend([point.x().limbs(), point.y().limbs()].concat());
        }
        debug_assert_eq!(public.len(), ACCUMULATOR);
        let chained: Vec<Window> = read.iter().map(|r| Window::new(&key.layouts, &r.instance, &r.points)).collect();
        public.extend(chain(pool.main(), &range, &key.layouts, &chained).cells());
        assert_eq!(public.len(), INSTANCES, "the layout of the public inputs");
        *builder.pool(0) = pool;
        let instance = public.iter().map(|c| *c.value()).collect();
        builder.assigned_instances = vec![public];
        Ok(Self { builder, instance })
    }

    /// After a pass of key generation or the mock prover.
    pub fn shape(&self) -> AggregateShape {
        AggregateShape { params: self.builder.config_params.clone(), break_points: self.builder.break_points() }
    }
}

/// A window's proof as the circuit read it.
struct Read {
    /// The two sides of what is left to check.
    accumulator: [Deferred; 2],
    /// A challenge drawn after everything else.
    seal: Cell,
    instance: Vec<Cell>,
    /// The proof's first points.
    points: Vec<Point>,
}

/// Verifies one window's proof but for its pairing.
fn verify(loader: &InCircuit<'_>, key: &WindowKey, snark: &Snark) -> Result<Read, PotError> {
    let protocol = key.protocol.loaded(loader);
    let instance: Vec<_> = snark.instance.iter().map(|v| loader.assign_scalar(*v)).collect();
    let instances = [instance.clone()];
    let mut transcript = CircuitTranscript::new::<0>(loader, snark.proof.as_slice());
    let proof = Verifier::read_proof(&succinct(), &protocol, &instances, &mut transcript).map_err(failed)?;
    for object in &transcript.loaded_stream {
        if let TranscriptObject::EcPoint(point) = object {
            let (mut pool, chip) = (loader.ctx_mut(), loader.ecc_chip());
            check_strict(pool.main(), &chip.0, point.assigned().point());
        }
    }
    let seal = transcript.squeeze_challenge().into_assigned();
    let [left] = Verifier::verify(&succinct(), &protocol, &instances, &proof)
        .map_err(failed)?
        .try_into()
        .expect("window circuits carry no accumulators of their own");
    let points = proof.witnesses[..key.layouts.points()].iter().map(|p| p.assigned().point().clone()).collect();
    Ok(Read {
        accumulator: [left.lhs.into_assigned(), left.rhs.into_assigned()],
        seal,
        instance: instance.into_iter().map(|s| s.into_assigned()).collect(),
        points,
    })
}

/// The same verification outside a circuit: what is left to check of one window's proof.
pub fn succinct_verify(key: &WindowKey, snark: &Snark) -> Result<KzgAccumulator<G1Affine, NativeLoader>, PotError> {
    let instances = [snark.instance.clone()];
    let mut transcript = NativeTranscript::new::<0>(snark.proof.as_slice());
    let proof = Verifier::read_proof(&succinct(), &key.protocol, &instances, &mut transcript).map_err(failed)?;
    let accumulators = Verifier::verify(&succinct(), &key.protocol, &instances, &proof).map_err(failed)?;
    Ok(accumulators.into_iter().next().expect("one accumulator a proof"))
}
