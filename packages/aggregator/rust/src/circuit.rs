//! The aggregation circuit: window proofs verified up to their pairings, the accumulators folded, the rules on top.

use crate::points::check_strict;
use crate::rules::{chain, Window};
use crate::statement::{ACCUMULATOR, INSTANCES};
use crate::window::{Snark, WindowKey};
use crate::{Cell, CircuitTranscript, Ecc, InCircuit, Kzg, NativeTranscript, Point, Verifier, BITS, LIMBS};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_base::gates::circuit::builder::BaseCircuitBuilder;
use halo2_base::gates::circuit::{BaseCircuitParams, CircuitBuilderStage};
use halo2_base::gates::flex_gate::MultiPhaseThreadBreakPoints;
use halo2_ecc::bn254::FpChip;
use pot_halo2::error::PotError;
use snark_verifier::loader::halo2::Halo2Loader;
use snark_verifier::loader::native::NativeLoader;
use snark_verifier::pcs::kzg::{KzgAccumulator, KzgSuccinctVerifyingKey};
use snark_verifier::pcs::AccumulationScheme;
use snark_verifier::system::halo2::transcript::halo2::TranscriptObject;
use snark_verifier::verifier::SnarkVerifier;

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

fn failed(e: snark_verifier::Error) -> PotError {
    PotError::new("AGGREGATE_PROOF", format!("a window's proof cannot be read: {e:?}"))
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
        let loader = Halo2Loader::new(Ecc::new(&fp), std::mem::take(builder.pool(0)));
        let mut accumulators = vec![];
        let mut chained = vec![];
        for snark in windows {
            let (accumulator, instance, points) = verify(&loader, key, snark)?;
            accumulators.push(accumulator);
            chained.push(Window::new(&key.layouts, &instance, &points));
        }
        let accumulator = fold(&loader, accumulators)?;
        let mut public = vec![];
        for point in [&accumulator.lhs, &accumulator.rhs] {
            let point = point.assigned();
            // Canonical, so that there is one accumulator for a witness, and its reader may insist.
            let (mut ctx, ecc) = (loader.ctx_mut(), loader.ecc_chip());
            check_strict(ctx.main(), &ecc, &point);
            public.extend([point.x().limbs(), point.y().limbs()].concat());
        }
        debug_assert_eq!(public.len(), ACCUMULATOR);
        public.extend(chain(loader.ctx_mut().main(), &range, &key.layouts, &chained).cells());
        assert_eq!(public.len(), INSTANCES, "the layout of the public inputs");
        *builder.pool(0) = loader.take_ctx();
        let instance = public.iter().map(|c| *c.value()).collect();
        builder.assigned_instances = vec![public];
        Ok(Self { builder, instance })
    }

    /// After a pass of key generation or the mock prover.
    pub fn shape(&self) -> AggregateShape {
        AggregateShape { params: self.builder.config_params.clone(), break_points: self.builder.break_points() }
    }
}

type Accumulator<'a> = KzgAccumulator<G1Affine, InCircuit<'a>>;

/// Verifies one window's proof but for its pairing. Returns what is left to check, the public inputs and the proof's first
/// points, all as the transcript absorbed them.
fn verify<'a>(loader: &InCircuit<'a>, key: &WindowKey, snark: &Snark) -> Result<(Accumulator<'a>, Vec<Cell>, Vec<Point>), PotError> {
    let protocol = key.protocol.loaded(loader);
    let instance: Vec<_> = snark.instance.iter().map(|v| loader.assign_scalar(*v)).collect();
    let instances = [instance.clone()];
    let mut transcript = CircuitTranscript::new::<0>(loader, snark.proof.as_slice());
    let proof = Verifier::read_proof(&succinct(), &protocol, &instances, &mut transcript).map_err(failed)?;
    for object in &transcript.loaded_stream {
        if let TranscriptObject::EcPoint(point) = object {
            let (mut ctx, ecc) = (loader.ctx_mut(), loader.ecc_chip());
            check_strict(ctx.main(), &ecc, &point.assigned());
        }
    }
    let [accumulator] = Verifier::verify(&succinct(), &protocol, &instances, &proof)
        .map_err(failed)?
        .try_into()
        .expect("window circuits carry no accumulators of their own");
    let points = proof.witnesses[..key.layouts.points()].iter().map(|p| p.assigned().clone()).collect();
    Ok((accumulator, instance.into_iter().map(|s| s.into_assigned()).collect(), points))
}

/// One accumulator that holds if and only if (but for the challenge's chance) all of them do.
fn fold<'a>(loader: &InCircuit<'a>, mut accumulators: Vec<Accumulator<'a>>) -> Result<Accumulator<'a>, PotError> {
    if accumulators.len() == 1 {
        return Ok(accumulators.remove(0));
    }
    let mut transcript = CircuitTranscript::new::<0>(loader, &[][..]);
    let proof = <Kzg as AccumulationScheme<_, InCircuit<'a>>>::read_proof(&Default::default(), &accumulators, &mut transcript).map_err(failed)?;
    <Kzg as AccumulationScheme<_, InCircuit<'a>>>::verify(&Default::default(), &accumulators, &proof).map_err(failed)
}

/// The same verification outside a circuit: what is left to check of one window's proof.
pub fn succinct_verify(key: &WindowKey, snark: &Snark) -> Result<KzgAccumulator<G1Affine, NativeLoader>, PotError> {
    let instances = [snark.instance.clone()];
    let mut transcript = NativeTranscript::new::<0>(snark.proof.as_slice());
    let proof = Verifier::read_proof(&succinct(), &key.protocol, &instances, &mut transcript).map_err(failed)?;
    let accumulators = Verifier::verify(&succinct(), &key.protocol, &instances, &proof).map_err(failed)?;
    Ok(accumulators.into_iter().next().expect("one accumulator a proof"))
}
