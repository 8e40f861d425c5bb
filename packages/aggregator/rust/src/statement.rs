//! What an aggregate says, and the rules as an honest prover checks them before it begins.

use crate::rules::DATA_LIST_DOMAIN;
use crate::window::WindowProof;
use crate::{BITS, LIMBS};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use pot_halo2::error::PotError;
use pot_halo2::poseidon::hash_chain;
use pot_sgd::spec::{SgdSpec, MAX_STEPS};
use pot_sgd::statement::{field_from_hex, field_to_hex};
use serde::{Deserialize, Serialize};
use snark_verifier::loader::native::NativeLoader;
use snark_verifier::pcs::kzg::{KzgAccumulator, LimbsEncoding};
use snark_verifier::pcs::AccumulatorEncoding;

/// Field elements that hold the two points of the last pairing check.
pub const ACCUMULATOR: usize = 4 * LIMBS;
/// Public inputs of an aggregate.
pub const INSTANCES: usize = ACCUMULATOR + 7;

/// What an aggregate of M windows is about. Field elements as in a window's public inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AggregatePublic {
    pub run_id: String,
    pub first_step: u64,
    /// The step after the last.
    pub end_step: u64,
    pub eta: String,
    pub weights_in: String,
    pub weights_out: String,
    /// `hash_chain(DATA_LIST_DOMAIN, epoch_0, data_0, epoch_1, ...)`.
    pub data: String,
}

/// An aggregate: `accumulator` is as public as the rest, but says nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Aggregate {
    pub public: AggregatePublic,
    pub accumulator: Vec<String>,
    pub proof: Vec<u8>,
}

impl AggregatePublic {
    /// The statement of consecutive windows.
    ///
    /// Errors: `AGGREGATE_EMPTY`, `AGGREGATE_RUN`, `AGGREGATE_RATE`, `AGGREGATE_STEPS`, `AGGREGATE_WEIGHTS`, `PUBLIC_INVALID`.
    pub fn of(spec: &SgdSpec, windows: &[WindowProof]) -> Result<Self, PotError> {
        let refuse = |code, i: usize, what: &str| Err(PotError::new(code, format!("windows {} and {i}: {what}", i - 1)).with("window", i));
        let Some((first, last)) = windows.first().zip(windows.last()) else {
            return Err(PotError::new("AGGREGATE_EMPTY", "no window to aggregate".into()));
        };
        let bytes = 32 * spec.shape()?.weight_columns;
        let mut list = vec![];
        for (i, w) in windows.iter().enumerate() {
            list.extend([Fr::from(w.public.epoch), field_from_hex("data", &w.public.data)?]);
            let Some(before) = i.checked_sub(1).map(|j| &windows[j]) else { continue };
            let (a, b) = (&before.public, &w.public);
            if a.run_id != b.run_id {
                return refuse("AGGREGATE_RUN", i, "two runs");
            }
            if a.eta != b.eta {
                return refuse("AGGREGATE_RATE", i, "two learning rates");
            }
            if a.first_step + spec.steps as u64 != b.first_step {
                return refuse("AGGREGATE_STEPS", i, "the second does not begin where the first ends");
            }
            if a.weights_out != b.weights_in || before.proof.get(bytes..2 * bytes) != w.proof.get(..bytes) {
                return refuse("AGGREGATE_WEIGHTS", i, "the weights out of the first are not those into the second");
            }
        }
        Ok(Self {
            run_id: first.public.run_id.clone(),
            first_step: first.public.first_step,
            end_step: last.public.first_step + spec.steps as u64,
            eta: first.public.eta.clone(),
            weights_in: first.public.weights_in.clone(),
            weights_out: last.public.weights_out.clone(),
            data: field_to_hex(&hash_chain(DATA_LIST_DOMAIN, &list)),
        })
    }

    /// The public inputs after the accumulator, for an aggregate of `windows` windows.
    ///
    /// The circuit has no range checks on steps and rate: they are here. Errors: `PUBLIC_INVALID`.
    pub fn instance(&self, spec: &SgdSpec, windows: usize) -> Result<[Fr; INSTANCES - ACCUMULATOR], PotError> {
        let steps = (spec.steps as u64).checked_mul(windows as u64).and_then(|n| self.first_step.checked_add(n));
        if steps != Some(self.end_step) || self.end_step >= MAX_STEPS {
            return Err(PotError::new("PUBLIC_INVALID", "the steps are not those of the windows, or out of range".into()));
        }
        let eta = self.eta.parse::<i64>().ok().filter(|v| *v > 0 && v.to_string() == self.eta);
        let eta = eta.ok_or_else(|| PotError::new("PUBLIC_INVALID", "eta must be a positive decimal integer".into()))?;
        spec.check_eta(eta)?;
        Ok([
            Fr::from(eta as u64),
            field_from_hex("runId", &self.run_id)?,
            Fr::from(self.first_step),
            Fr::from(self.end_step),
            field_from_hex("weightsIn", &self.weights_in)?,
            field_from_hex("weightsOut", &self.weights_out)?,
            field_from_hex("data", &self.data)?,
        ])
    }
}

/// Reads an accumulator. Errors: `AGGREGATE_ACCUMULATOR` (limbs or coordinates out of range, no points of the curve, the
/// identity, whose pairing would always hold).
pub fn accumulator(limbs: &[Fr]) -> Result<KzgAccumulator<G1Affine, NativeLoader>, PotError> {
    let bad = || PotError::new("AGGREGATE_ACCUMULATOR", "the accumulator is not two points of the curve in canonical limbs".into());
    let read = <LimbsEncoding<LIMBS, BITS> as AccumulatorEncoding<G1Affine, NativeLoader>>::from_repr(&limbs.iter().collect::<Vec<_>>());
    // snark-verifier takes (0, 0) for the identity.
    read.ok().filter(|a| ![a.lhs, a.rhs].iter().any(|p| bool::from(p.is_identity()))).ok_or_else(bad)
}
