//! What an aggregate says, outside of the circuit: its public inputs, and their order.

use super::state::{State, STATE};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::ff::PrimeField;
use halo2_axiom::halo2curves::CurveAffine;
use pot_proof_system::error::PotError;
use pot_sgd::spec::{SgdSpec, MAX_STEPS};
use pot_sgd::statement::{field_from_hex, field_to_hex};
use serde::{Deserialize, Serialize};

/// Field elements that hold the two points of the last pairing check.
pub const ACCUMULATOR: usize = 8;
/// Place of the own key's digest.
pub const OWN_KEY: usize = ACCUMULATOR;
/// Public inputs of an aggregate.
pub const INSTANCES: usize = OWN_KEY + 1 + STATE;

/// What an aggregate is about. Field elements are `0x` and 64 hexadecimal digits, big-endian, below the modulus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AggregatePublic {
    /// Digest of the aggregation key.
    pub key: String,
    pub run_id: String,
    pub eta: String,
    pub first_step: u64,
    /// The step after the last.
    pub end_step: u64,
    pub weights_in: String,
    pub weights_out: String,
    pub dataset_root: String,
    /// Chain of (epoch, shard index) of the windows, and of their steps' rates where these are their own: `state::schedule_start`,
    /// `state::schedule_next`.
    pub schedule: String,
    /// Of the frozen base; 0 where there is none.
    pub base: String,
    /// Levels of the dataset's tree.
    pub depth: u64,
}

impl AggregatePublic {
    /// Reads the public inputs after the accumulator.
    pub fn of(instance: &[Fr]) -> Result<Self, PotError> {
        let bad = || PotError::new("PUBLIC_INVALID", "the public inputs are no statement of an aggregate".into());
        let small = |v: &Fr| -> Result<u64, PotError> {
            let repr = v.to_repr();
            let (low, high) = repr.as_ref().split_at(8);
            let value = u64::from_le_bytes(low.try_into().expect("eight bytes"));
            high.iter().all(|b| *b == 0).then_some(value).ok_or_else(bad)
        };
        let [key, state @ ..] = instance else { return Err(bad()) };
        let s: State<Fr> = State::from_array(state.try_into().map_err(|_| bad())?);
        Ok(Self {
            key: field_to_hex(key),
            run_id: field_to_hex(&s.run_id),
            eta: small(&s.eta)?.to_string(),
            first_step: small(&s.first_step)?,
            end_step: small(&s.end_step)?,
            weights_in: field_to_hex(&s.weights_in),
            weights_out: field_to_hex(&s.weights_out),
            dataset_root: field_to_hex(&s.dataset_root),
            schedule: field_to_hex(&s.schedule),
            base: field_to_hex(&s.base),
            depth: small(&s.depth)?,
        })
    }

    /// The public inputs after the accumulator.
    ///
    /// The circuit has no range checks on steps, rate and depth: they are here. Errors: `PUBLIC_INVALID`.
    pub fn instance(&self, spec: &SgdSpec) -> Result<Vec<Fr>, PotError> {
        let steps = spec.steps as u64;
        let whole = self.end_step.checked_sub(self.first_step).is_some_and(|n| n > 0 && n % steps == 0);
        if !whole || self.end_step >= MAX_STEPS {
            return Err(PotError::new("PUBLIC_INVALID", "the steps are not those of whole windows, or out of range".into()));
        }
        if self.depth > super::path::MAX_DEPTH as u64 {
            return Err(PotError::new("PUBLIC_INVALID", "the dataset's tree is too deep".into()));
        }
        let eta = self.eta.parse::<i64>().ok().filter(|v| *v > 0 && v.to_string() == self.eta);
        let eta = eta.ok_or_else(|| PotError::new("PUBLIC_INVALID", "eta must be a positive decimal integer".into()))?;
        spec.check_eta(eta)?;
        let base = field_from_hex("base", &self.base)?;
        if spec.base_bits().is_none() && base != Fr::zero() {
            return Err(PotError::new("PUBLIC_INVALID", "base: this specification has no frozen base".into()));
        }
        let state = State {
            run_id: field_from_hex("runId", &self.run_id)?,
            eta: Fr::from(eta as u64),
            first_step: Fr::from(self.first_step),
            end_step: Fr::from(self.end_step),
            weights_in: field_from_hex("weightsIn", &self.weights_in)?,
            weights_out: field_from_hex("weightsOut", &self.weights_out)?,
            dataset_root: field_from_hex("datasetRoot", &self.dataset_root)?,
            schedule: field_from_hex("schedule", &self.schedule)?,
            base,
            depth: Fr::from(self.depth),
        };
        Ok([field_from_hex("key", &self.key)?].into_iter().chain(state.array()).collect())
    }
}

/// An aggregate: `accumulator` is as public as the rest, but says nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Aggregate {
    pub public: AggregatePublic,
    /// lhs.x, lhs.y, rhs.x, rhs.y: the low 128 bits of each, then the rest.
    pub accumulator: Vec<String>,
    #[serde(with = "base64url")]
    pub proof: Vec<u8>,
}

impl Aggregate {
    /// The public inputs, in order. Errors: `AGGREGATE_ACCUMULATOR`, `PUBLIC_INVALID`.
    pub fn instance(&self, spec: &SgdSpec) -> Result<Vec<Fr>, PotError> {
        if self.accumulator.len() != ACCUMULATOR {
            return Err(PotError::new("AGGREGATE_ACCUMULATOR", format!("an accumulator has {ACCUMULATOR} numbers")));
        }
        let halves = self.accumulator.iter().map(|v| field_from_hex("accumulator", v)).collect::<Result<Vec<_>, _>>()?;
        Ok([halves, self.public.instance(spec)?].concat())
    }
}

/// Bits of a half.
const HALF: usize = 16;

/// The two points, lhs and rhs. Errors: `AGGREGATE_ACCUMULATOR` (a number out of range, no points of the curve).
pub fn points_of_halves(halves: &[Fr]) -> Result<[G1Affine; 2], PotError> {
    type Base = <G1Affine as CurveAffine>::Base;
    let bad = || PotError::new("AGGREGATE_ACCUMULATOR", "the accumulator is not two points of the curve in canonical halves".into());
    let coordinate = |pair: &[Fr]| -> Result<Base, PotError> {
        let mut repr = [0; 32];
        for (v, to) in pair.iter().zip(repr.chunks_exact_mut(HALF)) {
            let bytes = v.to_repr();
            let (low, high) = bytes.as_ref().split_at(HALF);
            if high.iter().any(|b| *b != 0) {
                return Err(bad());
            }
            to.copy_from_slice(low);
        }
        Option::from(Base::from_repr(repr)).ok_or_else(bad)
    };
    let coordinates = halves.chunks_exact(2).map(coordinate).collect::<Result<Vec<_>, _>>()?;
    // (0, 0), which stands for the identity, is not on the curve: its equation has the constant 3.
    let point = |x: Base, y: Base| {
        let on_curve = y.square() == x.square() * x + Base::from(3);
        on_curve.then(|| G1Affine::from_xy(x, y)).and_then(Option::from).ok_or_else(bad)
    };
    match coordinates[..] {
        [a, b, c, d] => Ok([point(a, b)?, point(c, d)?]),
        _ => Err(bad()),
    }
}

/// The inverse of [`points_of_halves`].
pub fn halves_of_points(points: &[G1Affine; 2]) -> Vec<Fr> {
    let half = |bytes: &[u8]| Fr::from_u128(u128::from_le_bytes(bytes.try_into().expect("16 bytes")));
    let coordinates = points.iter().flat_map(|p| [p.x.to_repr(), p.y.to_repr()]);
    coordinates.flat_map(|repr| [half(&repr.as_ref()[..HALF]), half(&repr.as_ref()[HALF..])]).collect()
}

pub(crate) mod base64url {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use base64::Engine as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        URL_SAFE_NO_PAD.decode(String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}
