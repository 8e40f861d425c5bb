//! The wrapper's circuit: one inner proof verified up to its pairing, its accumulator added to the inner circuit's own.

use super::accumulator::{assigned_halves, point, HALVES, POINT_HALVES};
use super::inner::Inner;
use crate::plonk::{succinct, Verifier};
use crate::stock::deferred::{combine, Deferred, DeferringChip};
use crate::stock::points::check_strict;
use crate::stock::Shape;
use crate::stock::ACCUMULATOR;
use crate::stock::{Cell, CircuitTranscript, Ecc, BITS, LIMBS};
use crate::window::Snark;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_base::gates::circuit::builder::BaseCircuitBuilder;
use halo2_base::gates::circuit::CircuitBuilderStage;
use halo2_base::gates::{GateInstructions, RangeInstructions};
use halo2_ecc::bn254::FpChip;
use pot_proof_system::error::PotError;
use snark_verifier::loader::halo2::Halo2Loader;
use snark_verifier::system::halo2::transcript::halo2::TranscriptObject;
use snark_verifier::util::transcript::Transcript;
use snark_verifier::verifier::SnarkVerifier;

/// Rows that halo2 needs for itself.
const UNUSABLE: usize = 20;

/// The circuit with a witness, and the public inputs that it has: 12 limbs, then the exposed inner ones.
pub struct WrapperCircuit {
    pub builder: BaseCircuitBuilder<Fr>,
    pub instance: Vec<Fr>,
}

fn failed(e: snark_verifier::Error) -> PotError {
    PotError::new("WRAPPER_PROOF", format!("the inner proof cannot be read: {e:?}"))
}

impl WrapperCircuit {
    /// For key generation or a mock prover: columns are counted. `k` is the log2 of the rows.
    pub fn plan(stage: CircuitBuilderStage, inner: &Inner, snark: &Snark, k: usize) -> Result<Self, PotError> {
        let builder = BaseCircuitBuilder::from_stage(stage).use_k(k).use_lookup_bits(k - 1).use_instance_columns(1);
        let mut circuit = Self::build(builder, inner, snark)?;
        circuit.builder.calculate_params(Some(UNUSABLE));
        Ok(circuit)
    }

    /// For the prover: a witness alone.
    pub fn witness(shape: &Shape, inner: &Inner, snark: &Snark) -> Result<Self, PotError> {
        Self::build(BaseCircuitBuilder::prover(shape.params.clone(), shape.break_points.clone()), inner, snark)
    }

    fn build(mut builder: BaseCircuitBuilder<Fr>, inner: &Inner, snark: &Snark) -> Result<Self, PotError> {
        let layout = &inner.layout;
        let range = builder.range_chip();
        let fp = FpChip::<Fr>::new(&range, BITS, LIMBS);
        let ecc = Ecc::new(&fp);
        let loader = Halo2Loader::new(DeferringChip(ecc.clone()), std::mem::take(builder.pool(0)));
        let protocol = inner.protocol.loaded(&loader);
        let scalars: Vec<_> = snark.instance.iter().map(|v| loader.assign_scalar(*v)).collect();
        let instances = [scalars.clone()];
        let mut transcript = CircuitTranscript::new::<0>(&loader, snark.proof.as_slice());
        let proof = Verifier::read_proof(&succinct(), &protocol, &instances, &mut transcript).map_err(failed)?;
        // A challenge drawn after everything else: it binds the proof and the public inputs whole.
        let seal = transcript.squeeze_challenge().into_assigned();
        let [left] = Verifier::verify(&succinct(), &protocol, &instances, &proof)
            .map_err(failed)?
            .try_into()
            .expect("accumulators of the inner circuit are accumulated here");
        let read: Vec<_> = transcript
            .loaded_stream
            .iter()
            .filter_map(|object| match object {
                TranscriptObject::EcPoint(p) => Some(p.assigned().point().clone()),
                _ => None,
            })
            .collect();
        let mut sides = [vec![left.lhs.into_assigned()], vec![left.rhs.into_assigned()]];
        let cells: Vec<Cell> = scalars.into_iter().map(|s| s.into_assigned()).collect();
        drop((instances, proof, transcript, protocol));
        let mut pool = loader.take_ctx();

        read.iter().for_each(|p| check_strict(pool.main(), &ecc, p));
        if let Some(at) = layout.accumulator {
            let (values, assigned) = (&snark.instance[at..at + HALVES], &cells[at..at + HALVES]);
            let points = values.chunks(POINT_HALVES).zip(assigned.chunks(POINT_HALVES));
            for (side, (value, halves)) in sides.iter_mut().zip(points) {
                let ctx = pool.main();
                let inner = ecc.assign_point::<G1Affine>(ctx, point(value)?);
                check_strict(ctx, &ecc, &inner);
                for (cell, half) in assigned_halves(ctx, &range, &inner).iter().zip(halves) {
                    ctx.constrain_equal(cell, half);
                }
                side.push(Deferred::Point(inner));
            }
        }
        layout.constants.iter().for_each(|(i, value)| range.gate().assert_is_const(pool.main(), &cells[*i], value));

        let mut public = vec![];
        for sums in &sides {
            let point = combine(&mut pool, &ecc, seal, sums);
            // Canonical, so that a reader may insist on it.
            check_strict(pool.main(), &ecc, &point);
            public.extend([point.x().limbs(), point.y().limbs()].concat());
        }
        debug_assert_eq!(public.len(), ACCUMULATOR);
        public.extend(layout.exposed.iter().map(|i| cells[*i]));
        *builder.pool(0) = pool;
        let instance = public.iter().map(|c| *c.value()).collect();
        builder.assigned_instances = vec![public];
        Ok(Self { builder, instance })
    }

    /// After a pass of key generation or the mock prover.
    pub fn shape(&self) -> Shape {
        Shape { params: self.builder.config_params.clone(), break_points: self.builder.break_points() }
    }
}
